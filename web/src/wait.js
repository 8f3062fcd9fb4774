// While Stripe's word is awaited: asks each three seconds whether one is a member, then shows the page anew.
import { ask } from "./api.js";

const LOOK_S = 3;

const { dataset } = document.querySelector("[data-looks]");
let looks = Number(dataset.looks);
const looking = setInterval(async () => {
  looks -= 1;
  const { body } = await ask("GET", "/api/membership").catch(() => ({}));
  if (!body?.reads_all && looks > 0) return;
  clearInterval(looking);
  location.replace(dataset.last);
}, LOOK_S * 1000);
