import type { Settings } from "../settings.ts";

export interface Notice {
  id: number;
  kind: string;
  text: string;
  at: Date;
}

export type Notices = ReturnType<typeof createNotices>;

/** What merchants, and the operator, should know. */
export function createNotices({ database, clock, onAlarm }: Settings) {
  return {
    async tell(merchantId: string, kind: string, text: string): Promise<void> {
      await database.query("insert into managed.notices (merchant_id, kind, text, at) values ($1, $2, $3, $4)", [
        merchantId,
        kind,
        text,
        clock(),
      ]);
    },
    /** For the operator, who has to do something. */
    async alarm(kind: string, text: string): Promise<void> {
      await database.query("insert into managed.notices (kind, text, at) values ($1, $2, $3)", [kind, text, clock()]);
      onAlarm(text);
    },
    /** The newest first; those of the operator without a merchant. */
    list: (merchantId: string | null, limit = 100): Promise<Notice[]> =>
      database.query<Notice>(
        `select id, kind, text, at from managed.notices where merchant_id is not distinct from $1
          order by id desc limit $2`,
        [merchantId, limit],
      ),
  };
}
