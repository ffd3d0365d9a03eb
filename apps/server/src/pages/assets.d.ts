/** The files that `page-files.ts` imports: a string, which is the file's text or where it is. */
declare module "*.css" {
  const textOrPath: string;
  export = textOrPath;
}

declare module "*.svg" {
  const text: string;
  export = text;
}

declare module "*/docs.js" {
  const text: string;
  export = text;
}

declare module "*/docs-forms.js" {
  const text: string;
  export = text;
}

declare module "*/figures.js" {
  const text: string;
  export = text;
}

declare module "*/fill.js" {
  const text: string;
  export = text;
}

declare module "*/live-list.js" {
  const text: string;
  export = text;
}

declare module "*/numbers.js" {
  const text: string;
  export = text;
}

declare module "*/server.js" {
  const text: string;
  export = text;
}

declare module "*/session-token.js" {
  const text: string;
  export = text;
}

declare module "*/status.js" {
  const text: string;
  export = text;
}

declare module "*/tail.js" {
  const text: string;
  export = text;
}

declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export = path;
}
