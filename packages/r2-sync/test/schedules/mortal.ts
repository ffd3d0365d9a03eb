/** A process that can die: what it calls does nothing from then on, and what it waits for never comes back to it. */

/** What a dead process meets. */
export class Died extends Error {}

/** One life of a process. */
export class Life {
  isOver = false;

  end(): void {
    this.isOver = true;
  }

  /** The same object for this life only. Its getters give what the object's do. */
  give<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        if (typeof value === "function") return (...args: unknown[]) => this.#call(value.bind(object), args);
        return typeof value === "object" && value !== null && name !== "counts" ? this.give(value) : value;
      },
    });
  }

  #call(method: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    if (this.isOver) throw new Died();
    const result = method(...args);
    return result instanceof Promise ? this.#returned(result) : result;
  }

  async #returned(result: Promise<unknown>): Promise<unknown> {
    const value = await result.catch((error: unknown) => {
      if (this.isOver) throw new Died();
      throw error;
    });
    if (this.isOver) throw new Died();
    return value;
  }
}
