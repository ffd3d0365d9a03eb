/** The interactive API documentation. A token that the status page keeps is used here, too. */
import { forForms } from "./docs-forms.js";
import { sessionToken } from "./session-token.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const showScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", showScheme);
showScheme();

/** @param {(document: unknown) => unknown} update */
function withForms(update) {
  return (/** @type {unknown} */ document) => update(forForms(document));
}

// A deferred script of the page has run before its modules do, and has set this.
const { SwaggerUIBundle } = /** @type {any} */ (globalThis);
const docs = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Without this it would ask validator.swagger.io about the document.
  validatorUrl: null,
  plugins: [{ statePlugins: { spec: { wrapActions: { updateJsonSpec: withForms } } } }],
  onComplete: () => {
    const token = sessionToken();
    if (token !== null) docs.preauthorizeApiKey("bearer", token);
  },
});
