/** Who sits here: signing in and out, being used, and showing the key once more before something is approved. */

import {Refusal, askAgainWith, read, write} from "./http.js";

const IDLE_MS = 30 * 60_000;
const LOOK_EVERY_MS = 60_000;
// Shared by the windows of one browser: who types in one uses all.
const USED = "blackboard.used";

/** A key is given for a cookie, and the page forgets it at once. */
export async function signIn(key) {
  const response = await fetch("/v1/login", {method: "POST", headers: {Authorization: `Bearer ${key.trim()}`}, credentials: "same-origin"});
  const told = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal({status: response.status, type: told?.type ?? "", detail: told?.detail ?? `The board answered ${response.status}.`});
  use();
  return read("/v1/me");
}

export async function signOut() {
  await write("/v1/login", undefined, "DELETE").catch(() => {});
}

/** Keep the login alive while somebody uses the page, and end it when nobody has for half an hour. */
export function watchIdle(onIdle) {
  let renewedAt = Date.now();
  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, use, {passive: true});
  const timer = setInterval(() => {
    const usedAt = Number(localStorage.getItem(USED) ?? 0);
    if (Date.now() - usedAt >= IDLE_MS) void signOut().then(onIdle);
    else if (usedAt > renewedAt) {
      renewedAt = Date.now();
      fetch("/v1/login", {method: "POST", credentials: "same-origin"}).catch(() => {});
    }
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const kind of ["pointerdown", "keydown", "wheel"]) removeEventListener(kind, use);
  };
}

function use() {
  localStorage.setItem(USED, String(Date.now()));
}

/** Let `show` ask for the key whenever the board wants it once more; it is given what to call with the answer. */
export function watchFreshness(show) {
  askAgainWith(() => new Promise((resolve) => show({done: resolve})));
}
