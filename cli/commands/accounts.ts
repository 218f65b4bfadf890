import { Command } from 'commander'
import { addressArgument, command, contextOf, show } from '../commandLine.ts'
import { callAdmin } from '../relayClient.ts'

/** `opentab accounts ban|unban ADDRESS` */
export function accounts(): Command {
  const group = new Command('accounts').description('ban and unban wallet addresses (operator)')
  for (const [action, description, done] of [
    ['ban', 'give this address no more work and close its tabs', 'is banned'],
    ['unban', 'let this address work again', 'may work again'],
  ] as const) {
    group.addCommand(
      command(action, description)
        .argument('<address>', 'wallet address', addressArgument)
        .action(async (address: string, _options, self: Command) => {
          const context = contextOf(self)
          const document = await callAdmin(context, `/admin/accounts/${address}/${action}`, {
            method: 'POST',
          })
          show(context, document, [`${address} ${done}.`])
        }),
    )
  }
  return group
}
