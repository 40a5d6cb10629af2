const MAX_LINES = 250;
const VAGUE = /(^|\/)(utils?|helpers?|common|types|misc)(\/|\.[a-z]+$)/;

/**
 * A name says what is inside, and a file holds one idea.
 * @param {{ path: string; files: readonly { path: string; ships: boolean; lines: number }[] }} from
 */
export function misshapenFiles({ path, files }) {
  return files.flatMap((file) => [
    ...(VAGUE.test(file.path) ? [`${path}/${file.path}: name the file after what is in it`] : []),
    ...(file.ships && file.lines > MAX_LINES
      ? [`${path}/${file.path}: ${file.lines} lines, more than ${MAX_LINES}`]
      : []),
  ]);
}
