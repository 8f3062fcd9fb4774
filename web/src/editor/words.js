// Counting words, as the desk's margin says them.

const WORDS_A_MINUTE = 240;

export const wordsIn = (text) => text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’\-]*/gu)?.length ?? 0;

export const minutesFor = (words) => Math.max(1, Math.round(words / WORDS_A_MINUTE));

export const number = (n) => n.toLocaleString("en");

export const plural = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;
