/** What an event says, in words. The journal is told to people here and nowhere else. */

import {plain, visible, words} from "./format.js";

const because = (data) => ((data.reasons ?? []).length > 0 ? `because: ${data.reasons.map(words).join(", ")}` : "");

/** For each type of event: what is said after the actor's name, how it stands, and a second line. */
const SAID = {
  "case.opened": () => ["asked for it", ""],
  "case.moved": (e) => [`moved it on to ${words(e.stage)}`, "", `after ${words(e.data.by_outcome)} at ${words(e.data.from_stage)}`],
  "case.closed": (e) => [`ended it as ${words(e.data.outcome)}`, /reject|fail|unpaid/.test(e.data.outcome) ? "bad" : "good", e.data.reason],
  "case.suspended": (e) => ["stopped it", "warn", e.data.reason],
  "case.resumed": (e) => ["let it go on", "", e.data.reason],
  "task.claimed": (e) => [`took ${words(e.stage)}`, "busy", e.data.attempt > 1 ? `attempt ${e.data.attempt}, under fence ${e.data.fence}` : ""],
  "task.decided": (e) => [`decided ${words(e.data.outcome)} at ${words(e.stage)}`, "", because(e.data)],
  "task.failed": (e) => [`failed at ${words(e.stage)}`, "bad", `${e.data.reason}; ${words(e.data.then)}`],
  "task.expired": (e) => [`took ${words(e.stage)} back from ${e.data.holder}`, "warn", "the claim ran out"],
  "task.revoked": (e) => [`took ${words(e.stage)} back from ${e.data.holder}`, "warn", e.data.reason],
  "task.released": (e) => [`gave ${words(e.stage)} back`, "warn", e.data.reason],
  "task.cancelled": (e) => [`withdrew ${words(e.stage)}`, "warn", e.data.reason],
  "task.escalated": () => ["made it more urgent", "warn"],
  "task.redriven": (e) => [`let ${words(e.stage)} be tried again`, "", e.data.reason],
  "fact.put": (e) => [`put ${words(e.data.key)} on the board`, "", plain(e.data.value).slice(0, 200)],
  "fact.disputed": (e) => [`disputed ${words(e.data.key)}`, "warn", e.data.reason],
  "fact.retracted": (e) => [`took ${words(e.data.key)} back`, "warn", e.data.reason],
  "fact.upheld": (e) => [`upheld ${words(e.data.key)}`, "", e.data.reason],
  "signal.sent": (e) => [`told it that ${words(e.data.name)} happened`, ""],
  "opinion.given": (e) => [`gave an opinion at ${words(e.stage)}`, "", "sealed until all have spoken"],
  "decision.made": (e) => [`decided ${words(e.data.outcome)} at ${words(e.stage)}`, "", because(e.data)],
  "action.proposed": (e) => [`proposed a ${words(e.data.kind)}`, ""],
  "action.authorized": (e) => [`authorized the ${words(e.data.kind ?? "action")}`, "good"],
  "action.voided": () => ["voided the authorization", "warn"],
  "action.expired": () => ["let the authorization run out", "warn"],
  "action.recorded": () => ["sent it to the bank", "busy"],
  "action.dispatching": () => ["sent it to the bank", "busy"],
  "action.executed": () => ["saw it booked at the bank", "good"],
  "action.failed": () => ["saw it refused by the bank", "bad"],
  "action.unknown": () => ["lost the bank's answer", "warn", "somebody finds out; nothing is sent again"],
  "review.claimed": () => ["took the review", "busy"],
  "review.forwarded": (e) => [`handed the review to ${e.data.to}`, "", e.data.reason],
  "review.escalated": (e) => ["escalated the review", "warn", e.data.reason],
  "review.asked": (e) => [`asked for ${words(e.data.fact)}`, "warn", e.data.question],
  "review.warned": (e) => ["was warned about the decision", "warn", (e.data.warnings ?? []).map(words).join(", ")],
  "review.due": () => ["is late with the review", "warn"],
  "duty.broken": (e) => ["broke a rule by leave", "bad", e.data.reason],
  "write.refused": (e) => [`was refused: ${words(e.data.verb)}`, "warn", words(e.data.reason)],
};
// What is the board's own bookkeeping, and is told by what comes of it.
const UNTOLD = new Set(["task.ready", "task.waiting", "task.held", "task.withdrawn"]);

export function sentence(event) {
  if (UNTOLD.has(event.type)) return {text: ""};
  const say = SAID[event.type];
  if (!say) return {text: words(event.type.replace(".", ": ")), tone: "", more: ""};
  const [text, tone = "", more = ""] = say(event);
  return {text: visible(text), tone, more: visible(more)};
}
