import type { Texts } from './texts.js';

/** A time (epoch milliseconds) in words, in UTC, because the reader's zone is not known. */
export function timeText(time: number, language: string): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return `${format.format(new Date(time))} UTC`;
}

/** The date of a message in words where it is ISO 8601, else as it is. */
export function dateText(date: string, language: string): string {
  const time = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? date : timeText(time, language);
}

/** A duration (milliseconds) in whole minutes, hours or days, rounded down. */
export function durationText(milliseconds: number, t: Texts): string {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
  if (minutes === 1) return t('duration.minute');
  if (minutes < 120) return t('duration.minutes', { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? t('duration.hours', { count: hours })
    : t('duration.days', { count: Math.floor(hours / 24) });
}
