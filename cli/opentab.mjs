#!/usr/bin/env node
// @ts-check
// `opentab`, once it is installed (`npm link`): the command line after its set-up.
import { launch } from './launch.mjs'

await launch('opentab', process.argv.slice(2), process.cwd())
