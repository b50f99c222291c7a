const FORMAT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** A time (epoch milliseconds) in words, in UTC, because the reader's zone is not known. */
export function timeText(time: number): string {
  return `${FORMAT.format(new Date(time))} UTC`;
}

/** The date of a message in words where it is ISO 8601, else as it is. */
export function dateText(date: string): string {
  const time = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? date : timeText(time);
}

/** A duration (milliseconds) in whole minutes or hours, rounded down. */
export function durationText(milliseconds: number): string {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
  if (minutes === 1) return 'one minute';
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}
