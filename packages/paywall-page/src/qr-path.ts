import { encode } from "uqr";

interface QrPath {
  /** The number of modules per side, without a margin. */
  size: number;
  /** An SVG path with one line for each run of dark modules. Draw it with a stroke one module wide. */
  path: string;
}

/** Encodes a text as a QR code in one path. The path has a tenth of the size of one square per module. */
export function qrPath(text: string): QrPath {
  // To choose a mask itself, the encoder would draw all eight, which costs ten times as much. Every mask is readable,
  // because an invoice is random enough for any of them.
  const { size, data } = encode(text, { ecc: "L", maskPattern: 3, border: 0 });
  let path = "";
  for (let y = 0; y < size; y++) {
    const row = data[y] as boolean[];
    let gap = 0;
    let atStart = true;
    for (let x = 0; x < size; ) {
      const dark = row[x];
      let run = 1;
      while (x + run < size && row[x + run] === dark) run++;
      if (dark) {
        path += atStart ? `M${x} ${y}.5h${run}` : `m${gap} 0h${run}`;
        atStart = false;
      }
      gap = run;
      x += run;
    }
  }
  return { size, path };
}
