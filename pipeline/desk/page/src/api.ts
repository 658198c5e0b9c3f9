/** Requests to the server that the page came from, and to no other. */

import type { State } from "./protocol";

const NAME = "cuemark-desk-page";

/** This page's own name, by which the server knows who writes. It stays when the page is loaded again; a tab that was
 * made as a copy of this one gets another, because the name is in the store only between two loads. */
const page = sessionStorage.getItem(NAME) ?? crypto.randomUUID();
sessionStorage.removeItem(NAME);
addEventListener("pagehide", () => sessionStorage.setItem(NAME, page));
addEventListener("pageshow", () => sessionStorage.removeItem(NAME));

/** An address of the server, with the page's name. */
export function named(path: string): string {
  return `${path}?page=${page}`;
}

/** The server answered, but not with success; `body` is its JSON, where it has one. */
export class Refused extends Error {
  constructor(readonly status: number, readonly body: unknown) {
    super(`the server answered ${status}`);
  }
}

/** The server could not be reached. */
export class Unreachable extends Error {}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(named(path), { ...init, cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new Unreachable("the server does not answer");
  }
  if (response.ok) return response;
  throw new Refused(response.status, await response.json().catch(() => null));
}

/** Post JSON and return the JSON of the answer, null where it has none. */
export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return (response.status === 204 ? null : await response.json()) as T;
}

export async function readState(): Promise<State> {
  return (await (await request("/api/state", {})).json()) as State;
}

/** The peaks of the sound, one for each 20 ms, from 0 to 1. */
export async function readPeaks(): Promise<Float32Array> {
  const octets = new Int8Array(await (await request("/api/peaks", {})).arrayBuffer());
  return Float32Array.from(octets, (peak) => Math.abs(peak) / 127);
}

/** Exchange the one-use token of the address for a cookie, and take it out of the address. */
export async function enter(): Promise<void> {
  const token = location.hash.replace(/^#(token=)?/, "");
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  try {
    await post("/api/enter", { token });
  } catch (error) {
    // A used token does no harm where this browser has the cookie already; the state is refused where it has not.
    if (!(error instanceof Refused)) throw error;
  }
}
