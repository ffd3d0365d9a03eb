/** From data to elements: a `<template>` is copied, and its fields are filled with text, never with markup. */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * A copy of a template whose `data-field` elements hold these texts.
 *
 * @param {string} templateId
 * @param {Readonly<Record<string, string>>} fields
 * @returns {HTMLElement}
 */
export function copyOf(templateId, fields) {
  const template = element(templateId);
  const first = template instanceof HTMLTemplateElement ? template.content.firstElementChild : null;
  const copy = first?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new Error(`#${templateId} is no template with an element`);
  fill(copy, fields);
  return copy;
}

/**
 * @param {HTMLElement} within
 * @param {Readonly<Record<string, string>>} fields
 */
export function fill(within, fields) {
  for (const [name, text] of Object.entries(fields)) {
    for (const field of fieldsOf(within, name)) {
      if (field.textContent !== text) field.textContent = text;
    }
  }
}

/**
 * @param {HTMLElement} within
 * @param {string} name
 */
function fieldsOf(within, name) {
  const selector = `[data-field="${name}"]`;
  return within.matches(selector) ? [within] : [...within.querySelectorAll(selector)];
}

/**
 * Makes as many children as there are rows, and fills them; a child that is there already is kept, so that what a
 * reader has selected or focused stays.
 *
 * @param {string} listId
 * @param {string} templateId
 * @param {readonly Readonly<Record<string, string>>[]} rows
 * @returns {HTMLElement[]}
 */
export function fillList(listId, templateId, rows) {
  const list = element(listId);
  while (list.childElementCount > rows.length) list.lastElementChild?.remove();
  while (list.childElementCount < rows.length) list.append(copyOf(templateId, {}));
  return rows.map((fields, position) => {
    const child = /** @type {HTMLElement} */ (list.children[position]); // just made
    fill(child, fields);
    return child;
  });
}
