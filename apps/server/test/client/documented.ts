/** The document as tests read it: its operations in a list, and whether a value is as it says. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { App } from "../../src/create-app.ts";

/** A parameter of an operation. */
export interface DocumentedParameter {
  readonly name: string;
  readonly in: "query" | "path" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** An operation, with where it stands. */
export interface DocumentedOperation {
  readonly id: string;
  readonly method: string;
  /** `/api/profiles/{id}` */
  readonly path: string;
  readonly tags: readonly string[];
  readonly summary: string;
  /** The scope that it wants; absent where nobody needs a token. */
  readonly scope: string | undefined;
  readonly parameters: readonly DocumentedParameter[];
  /** By media type. */
  readonly body: Readonly<Record<string, MediaType>>;
  /** The media types of each answer, by its status or `default`. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, MediaType>>>>;
}

/** What the document says of a body. */
export interface MediaType {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly { readonly bearer?: readonly string[] }[];
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Record<string, MediaType> }>
  >;
}

interface RawDocument {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, MediaType>> }>>;
    readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

/** The document of an app. */
export class Documented {
  readonly raw: RawDocument;
  readonly operations: readonly DocumentedOperation[];
  readonly #ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  readonly #validators = new Map<object, ValidateFunction>();

  constructor(raw: RawDocument) {
    this.raw = raw;
    this.operations = Object.entries(raw.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => this.#read(method.toUpperCase(), path, operation)),
    );
    this.#ajv.addSchema({ $id: "document:", $defs: referring(closed(raw.components.schemas)) });
  }

  static async of(app: App): Promise<Documented> {
    const response = await app.request("/openapi.json");
    return new Documented((await response.json()) as RawDocument); // this is what is being tested
  }

  operation(id: string): DocumentedOperation {
    const found = this.operations.find((operation) => operation.id === id);
    if (found === undefined) throw new Error(`the document has no ${id}`);
    return found;
  }

  /** What is wrong with a value by a schema of the document; a member that it does not know counts as wrong. */
  flaws(schema: object, value: unknown): string[] {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(referring(closed(schema)));
      this.#validators.set(schema, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).map(shown);
  }

  #read(method: string, path: string, operation: RawOperation): DocumentedOperation {
    const { operationId, tags, summary, security, parameters = [], requestBody, responses } = operation;
    const answers = Object.entries(responses).map(([status, { $ref, content }]) => {
      const named = this.raw.components.responses[$ref?.split("/").at(-1) ?? ""];
      return [status, named?.content ?? content ?? {}];
    });
    return {
      id: operationId,
      method,
      path,
      tags,
      summary,
      scope: security[0]?.bearer?.[0],
      parameters,
      body: requestBody?.content ?? {},
      answers: Object.fromEntries(answers),
    };
  }
}

/** Objects are open for what later versions add; a test wants to know of what this version adds without saying so. */
function closed(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (_, value) => {
    const isOpen = typeof value === "object" && value?.type === "object" && value.properties !== undefined;
    return isOpen && value.additionalProperties === undefined ? { ...value, additionalProperties: false } : value;
  });
}

/** References as they lead to the document's schemas where ajv has them. */
function referring(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === "$ref" ? value.replace("#/components/schemas/", "document:#/$defs/") : value,
  );
}

function shown({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}
