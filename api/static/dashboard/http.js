/** Asks the board. A refusal is an error that says what to do, in the board's words. */

export class Refusal extends Error {
  /** @param {{status: number, type: string, detail: string}} problem */
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.type.split(":").pop();
    this.problem = problem;
  }
}

export const read = (path, init) => ask("GET", path, undefined, init);

export const readText = (path, init) => ask("GET", path, undefined, init, (response) => response.text());

/** A write. Repeated by the same person on purpose it is a new one; repeated by the network it is the same. */
export async function write(path, body, method = "POST") {
  const key = crypto.randomUUID();
  const headers = {"Idempotency-Key": key, Prefer: "wait=5"};
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(method, path, body, {headers});
    } catch (error) {
      if (error.code === "sign-in-again" && (await showKeyAgain())) continue;
      const again = error instanceof Refusal ? error.status === 503 : attempt < 4;
      if (!again || attempt >= 4) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
    }
  }
}

let showKeyAgain = async () => false;

/** What asks the person for the key when the board wants to see it once more; true when it was shown. */
export const askAgainWith = (asking) => { showKeyAgain = asking; };

async function ask(method, path, body, init = {}, take = (response) => response.json()) {
  const headers = {...init.headers, ...(body === undefined ? {} : {"Content-Type": "application/json"})};
  const response = await fetch(path, {method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body), signal: init.signal});
  if (response.ok) return response.status === 204 ? null : take(response);
  throw new Refusal(await problemOf(response));
}

async function problemOf(response) {
  const nothing = {status: response.status, type: "urn:blackboard:problem:unreadable", detail: `The board answered ${response.status}.`};
  try {
    return {...nothing, ...(await response.json())};
  } catch {
    return nothing;
  }
}
