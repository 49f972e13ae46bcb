/** Who are you? A key is given for a cookie; the page forgets it at once. */

import {useState} from "/static/vendor/preact.js";
import {read} from "../http.js";
import {Problem, html} from "../parts.js";

export function SignIn({onSignedIn}) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const enter = async (event) => {
    event.preventDefault();
    const key = new FormData(event.target).get("key").trim();
    setBusy(true);
    setError(null);
    try {
      onSignedIn(await signIn(key));
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return html`
    <div class="signin">
      <form class="panel" onSubmit=${enter}>
        <h1>Blackboard</h1>
        <p class="quiet">Sign in with the key of an agent of this board. <code>blackboard up</code> writes keys to <code>.blackboard/keys/</code>: <code>reviewer</code> decides reviews, <code>admin</code> runs the board, <code>auditor</code> reads.</p>
        <label>Key <input name="key" type="password" autocomplete="current-password" required autofocus placeholder="bb_…" spellcheck="false" /></label>
        ${error && html`<${Problem} error=${error} />`}
        <button class="primary" disabled=${busy}>Sign in</button>
      </form>
    </div>`;
}

async function signIn(key) {
  const response = await fetch("/v1/login", {method: "POST", headers: {Authorization: `Bearer ${key}`}, credentials: "same-origin"});
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.detail ?? `The board answered ${response.status}.`);
  return read("/v1/me");
}
