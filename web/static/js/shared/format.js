// How money and moments look. Money arrives as text with its currency ("1,486.00 EUR") or as
// integer minor units; it is never turned into a float for anything but display.

const DIGITS = { JPY: 0, KRW: 0, HUF: 2, KWD: 3, BHD: 3, OMR: 3, TND: 3 };

export function money(amountMinor, currency) {
  const digits = DIGITS[currency] ?? 2;
  const negative = amountMinor < 0;
  const units = String(Math.abs(amountMinor)).padStart(digits + 1, "0");
  const whole = digits ? units.slice(0, -digits) : units;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? "−" : ""}${grouped}${digits ? "." + units.slice(-digits) : ""} ${currency}`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export const time = (at) => (valid(at) ? clock.format(new Date(at)) : "");
export const date = (at) => {
  if (!valid(at)) return String(at ?? "");
  const moment = new Date(at);
  return (moment.getFullYear() === new Date().getFullYear() ? day : dayYear).format(moment);
};
export const moment = (at) => (valid(at) ? `${date(at)}, ${time(at)}` : "");

/** "4 min", "2 h 10 min", "3 d": the size of a span, whatever its direction. */
export function span(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 && hours < 10 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} d`;
}

const valid = (at) => at && !Number.isNaN(new Date(at).getTime());
