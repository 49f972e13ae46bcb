/** Who are you? */

import {useState} from "/static/vendor/preact.js";
import {Problem, html} from "../parts.js";
import {signIn} from "../session.js";

export function SignIn({why, onSignedIn}) {
  return html`
    <main class="signin">
      <div class="panel">
        <h1>Blackboard</h1>
        ${why && html`<p class="notice warn">${why}</p>`}
        <p class="quiet">Sign in with the key of an agent of this board. <code>blackboard up</code> writes keys to <code>.blackboard/keys/</code>: <code>reviewer</code> decides reviews, <code>admin</code> runs the board, <code>auditor</code> reads.</p>
        <${KeyForm} act="Sign in" onSignedIn=${onSignedIn} />
      </div>
    </main>`;
}

/** A field for the key. Asked once more, it must be of the same person: another one signs in from the beginning. */
export function KeyForm({act, who = null, onSignedIn}) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const enter = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const me = await signIn(new FormData(event.target).get("key"));
      if (who !== null && me.agent !== who) { location.assign("/ui"); return; }
      onSignedIn(me);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return html`
    <form class="keyform" onSubmit=${enter}>
      <label>Key <input name="key" type="password" autocomplete="current-password" required autofocus placeholder="bb_…" spellcheck="false" /></label>
      ${error && html`<${Problem} error=${error} />`}
      <button class="primary" disabled=${busy}>${act}</button>
    </form>`;
}
