/** Rules of a grammar in xgrammar's EBNF, by name. */
export class GrammarRules {
  readonly #rules: Map<string, string>

  constructor(rules: Readonly<Record<string, string>>) {
    this.#rules = new Map(Object.entries(rules))
  }

  /** Adds a rule and gives its name. */
  add(body: string): string {
    const name = this.reserve()
    this.write(name, body)
    return name
  }

  /** The name of a rule that is written later, because it refers to itself. */
  reserve(): string {
    const name = `r${this.#rules.size}`
    this.#rules.set(name, '""')
    return name
  }

  write(name: string, body: string): void {
    this.#rules.set(name, body)
  }

  text(root: string): string {
    return [`root ::= ${root}`, ...[...this.#rules].map(([name, body]) => `${name} ::= ${body}`)].join('\n')
  }
}
