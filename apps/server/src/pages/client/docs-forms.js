/**
 * What Swagger UI's forms need of an OpenAPI document.
 *
 * They would begin with every example filled in, so that "Execute" asks for that one member, or removes what is older than
 * that day. And they hold a number against the pattern of a text where a parameter may be either.
 */

/**
 * The same document for the forms: an example stands in the words about its parameter.
 *
 * @param {any} document as /openapi.json has it
 */
export function forForms(document) {
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => [path, mapValues(item, withForm)]);
  return { ...document, paths: Object.fromEntries(paths) };
}

/** @param {any} operation */
function withForm(operation) {
  const { parameters } = operation;
  return parameters === undefined ? operation : { ...operation, parameters: parameters.map(formOf) };
}

/** @param {any} parameter */
function formOf({ example, schema, description = "", ...parameter }) {
  const words = example === undefined ? description : `${description}, such as \`${example}\``;
  return { ...parameter, description: words, schema: eitherOf(schema) };
}

/** @param {any} schema */
function eitherOf(schema) {
  if (!Array.isArray(schema?.type)) return schema;
  return { anyOf: schema.type.map((/** @type {string} */ type) => ({ ...schema, type })) };
}

/**
 * @param {any} object
 * @param {(value: any) => any} change
 */
function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
