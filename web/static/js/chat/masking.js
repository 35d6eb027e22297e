// Card numbers leave the browser masked, whatever digits and separators they are typed with.
//
//     "pay with 4242 4242 4242 4242"  ──▶  "pay with •••• 4242"
//
// The server masks again before anything else; this is the first of two fences. A run of digits is a
// card number when 13 to 19 of them, cut at the groups as typed, pass the Luhn sum. An IBAN whose
// check digits are right is left alone: it is needed to add a payee, and part of it may pass Luhn.

const DIGIT = /\p{Nd}/u;
const SEPARATOR = String.raw`[\s\u00ad\u200b-\u200f\u2060\ufeff.,·•_/\\|\-\u2010-\u2015\u2212]{0,3}`;
const RUN = new RegExp(String.raw`\p{Nd}(?:${SEPARATOR}\p{Nd}){11,}`, "gu");
const IBAN_HEAD = /[A-Za-z]{2}\s?$/;
const MIN = 13;
const MAX = 19;

/** Characters without width between two digits: they look like nothing and hide a number. */
const HIDDEN_BETWEEN = /(\p{Nd})\p{Cf}+(?=\p{Nd})/gu;

export function maskCards(text) {
  const plain = text.normalize("NFKC").replace(HIDDEN_BETWEEN, "$1");
  return plain.replace(RUN, (run, at, whole) => maskRun(run, whole.slice(0, at), whole.slice(at)));
}

function maskRun(run, before, rest) {
  if (isIban(before, rest)) return run;
  const digits = digitsOf(run);
  let out = "";
  let copied = 0;
  for (let from = 0; from <= digits.length - MIN; from += 1) {
    if (!digits[from].startsGroup) continue;
    const length = cardLength(digits, from);
    if (!length) continue;
    const last = digits[from + length - 1];
    const tail = digits.slice(from + length - 4, from + length).map((digit) => digit.value).join("");
    out += `${run.slice(copied, digits[from].at)}•••• ${tail}`;
    copied = last.at + last.width;
    from += length - 1;
  }
  return out + run.slice(copied);
}

function cardLength(digits, from) {
  for (let length = Math.min(MAX, digits.length - from); length >= MIN; length -= 1) {
    const next = digits[from + length];
    if (next && !next.startsGroup) continue;
    if (luhn(digits.slice(from, from + length).map((digit) => digit.value))) return length;
  }
  return 0;
}

/** The digits of a run with their place; a digit starts a group when it does not touch its neighbour. */
function digitsOf(run) {
  const found = [];
  let end = -1;
  for (let at = 0; at < run.length; ) {
    const character = String.fromCodePoint(run.codePointAt(at));
    if (DIGIT.test(character)) {
      found.push({ at, width: character.length, value: digitValue(character), startsGroup: at !== end });
      end = at + character.length;
    }
    at += character.length;
  }
  return found;
}

/** Decimal digits stand in Unicode in rows of ten, so the distance to the row's start is the value. */
export function digitValue(character) {
  const code = character.codePointAt(0);
  let start = code;
  while (DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
  return (code - start) % 10;
}

export function luhn(values) {
  const sum = values.reduceRight((total, value, at) => {
    const doubled = (values.length - at) % 2 ? value : value * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0 && values.some((value) => value !== 0);
}

function isIban(before, rest) {
  const head = before.match(IBAN_HEAD);
  if (!head) return false;
  const text = (head[0].trim() + rest).replace(/\s/g, "").toUpperCase();
  for (let length = Math.min(34, text.length); length >= 15; length -= 1) {
    const iban = text.slice(0, length);
    if (/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban) && mod97(iban) === 1) return true;
  }
  return false;
}

function mod97(iban) {
  const moved = iban.slice(4) + iban.slice(0, 4);
  return [...moved].reduce((rest, character) => {
    const value = parseInt(character, 36);
    return (rest * (value > 9 ? 100 : 10) + value) % 97;
  }, 0);
}
