import type { Routes } from '../httpContext.ts'

/** `/livez`: the process answers. `/readyz`: it takes work. */
export const healthRoutes: Routes = (app, context) => {
  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const reason = context.notReady()
    if (reason === null) return { status: 'ready' }
    return reply.code(503).header('retry-after', '5').send({ status: 'not ready', reason })
  })
}
