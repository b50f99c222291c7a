import { WEEKDAYS, type Weekday } from './condition-schema.js';

/** A weekly window in a time zone; no `hours` means the whole day. */
export interface TimeWindow {
  readonly zone: string;
  readonly days: readonly Weekday[];
  /** Minutes after midnight; `to` at or before `from` spans midnight. */
  readonly hours?: { readonly from: number; readonly to: number };
}

/** Whether the IANA database of this machine knows the zone. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    // RangeError is how Intl says no; the caller makes it a load error.
    return false;
  }
}

/** Parses `08:00-18:00`, whose form the schema has checked. */
export function parseHours(text: string): { readonly from: number; readonly to: number } {
  const [from = 0, to = 0] = text.split('-').map((part) => {
    const [hour = 0, minute = 0] = part.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, to };
}

/** Whether the time (epoch milliseconds) is in the window. Hours past midnight belong to the day they began on. */
export function inTimeWindow(window: TimeWindow, at: number): boolean {
  const { day, minute } = localTime(window.zone, at);
  const { hours } = window;
  if (hours === undefined) return onDay(window, day);
  if (hours.from < hours.to) return onDay(window, day) && minute >= hours.from && minute < hours.to;
  return (minute >= hours.from && onDay(window, day)) || (minute < hours.to && onDay(window, (day + 6) % 7));
}

function onDay(window: TimeWindow, day: number): boolean {
  const name = WEEKDAYS[day];
  return name !== undefined && window.days.includes(name);
}

function localTime(zone: string, at: number): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  const names: readonly string[] = WEEKDAYS;
  const day = names.indexOf(part('weekday').toLowerCase());
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}
