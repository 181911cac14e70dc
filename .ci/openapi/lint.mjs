// Judges an OpenAPI document, which comes on standard input, by somebody else’s rules.
import { readFileSync } from 'node:fs'
import { createConfig, formatProblems, lintFromString } from '@redocly/openapi-core'

const config = await createConfig({ extends: ['recommended-strict'] })
const problems = await lintFromString({ source: readFileSync(0, 'utf8'), absoluteRef: 'openapi.json', config })
formatProblems(problems, { format: 'stylish', totals: { errors: problems.length, warnings: 0, ignored: 0 }, version: '' })
process.exit(problems.length > 0 ? 1 : 0)
