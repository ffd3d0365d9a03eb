/** The token that this tab sends: it is kept in the tab's own storage and nowhere else, and ends with the tab. */

const KEY = "telepool-token";

/** @returns {string | null} */
export function sessionToken() {
  return sessionStorage.getItem(KEY);
}

/** @param {string} token */
export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}
