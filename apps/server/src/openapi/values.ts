/** What the shapes of bodies and answers are made of. */
import * as v from "valibot";

/** What the document says of a schema beside its shape. */
interface Told {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** Members that the schema does not name may come with a later version, or are there already. */
  readonly additionalProperties?: true;
}

/** A schema with the name that it gets among the document's components. */
export function named(ref: string, schema: v.GenericSchema, told: Told = {}): v.GenericSchema {
  return v.pipe(schema, v.metadata({ ref, ...told }));
}

export const text: v.GenericSchema<string> = v.string();

export const whole: v.GenericSchema<number> = v.pipe(v.number(), v.integer());

export const amount: v.GenericSchema<number> = v.number();

export const time: v.GenericSchema<number> = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.description("Milliseconds since 1970"),
);

/** A JSON object with anything in it; valibot's `record` would take an array too. */
export const object: v.GenericSchema<object> = v.pipe(
  v.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  v.metadata({ type: "object", additionalProperties: {} }),
);
