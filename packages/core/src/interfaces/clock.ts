/** Tells the time. Tests pass a clock of their own (`fakeClock` in `@l402/testing`). */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
