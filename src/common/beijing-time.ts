/** Beijing is UTC+8 all year (milliseconds). */
const OFFSET = 8 * 3_600_000;
const DAY = 86_400_000;

function shifted(milliseconds: number): string {
  return new Date(milliseconds + OFFSET).toISOString().slice(0, 19);
}

/** `YYYY-MM-DDTHH:MM:SS+08:00`. */
export function toBeijingIso(milliseconds: number): string {
  return `${shifted(milliseconds)}+08:00`;
}

/** `YYYY-MM-DD HH:MM:SS`. */
export function toBeijingTime(milliseconds: number): string {
  return shifted(milliseconds).replace('T', ' ');
}

/** `YYYY-MM-DD`. */
export function toBeijingDate(milliseconds: number): string {
  return shifted(milliseconds).slice(0, 10);
}

/** `[from, to)` of a day in Beijing, in milliseconds; null when there is no such day. */
export function beijingDay(date: string): { readonly from: number; readonly to: number } | null {
  const utc = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== date) return null;
  return { from: utc - OFFSET, to: utc - OFFSET + DAY };
}
