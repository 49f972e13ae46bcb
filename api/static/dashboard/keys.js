/** The keys that do something, in one list: what the question mark shows. */

import {Sheet, html} from "./parts.js";

const KEYS = [
  ["Everywhere", [["?", "this list"], ["/", "find a case"]]],
  ["Reviews", [["j", "the next one"], ["k", "the one before"], ["c", "take it"], ["r", "write the reason"], ["1 … 9", "decide so, once there is a reason"]]],
];

export function Keys({onClose}) {
  return html`
    <${Sheet} title="Keys" onClose=${onClose}>
      ${KEYS.map(([where, keys]) => html`
        <h3 key=${where}>${where}</h3>
        <dl class="pairs keys">${keys.map(([key, what]) => html`<dt key=${key}><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>`)}
    <//>`;
}
