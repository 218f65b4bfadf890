import { lexer, type Token, type Tokens } from 'marked'
import type { ComponentChild } from 'preact'
import { memo } from 'preact/compat'

/**
 * A model's text with its Markdown. The text is another machine's: it becomes elements and never HTML, pictures are not
 * fetched, and links say where they lead.
 */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div class="markdown">{blocks(lexer(text, { gfm: true }))}</div>
})

/** Of what is known only to the lexer's own kinds of token; everything else stays the text that it was. */
const blocks = (tokens: readonly Token[]): ComponentChild[] => tokens.map((token, at) => block(token, at))

function block(token: Token, key: number): ComponentChild {
  switch (token.type) {
    case 'space':
    case 'def':
      return null
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading
      // The page has its own headings above.
      const Tag = `h${Math.min(depth + 2, 6)}` as 'h3'
      return <Tag key={key}>{inline(tokens)}</Tag>
    }
    case 'paragraph':
      return <p key={key}>{inline((token as Tokens.Paragraph).tokens)}</p>
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: code that scrolls must be reachable by keyboard
        <pre key={key} tabIndex={0}>
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      )
    case 'blockquote':
      return <blockquote key={key}>{blocks((token as Tokens.Blockquote).tokens)}</blockquote>
    case 'list': {
      const { ordered, start, items } = token as Tokens.List
      const rows = items.map((item, at) => <li key={at}>{blocks(item.tokens)}</li>)
      return ordered ? (
        <ol key={key} start={start === '' ? 1 : start}>
          {rows}
        </ol>
      ) : (
        <ul key={key}>{rows}</ul>
      )
    }
    case 'table':
      return <Table key={key} table={token as Tokens.Table} />
    case 'hr':
      return <hr key={key} />
    case 'text': {
      const { tokens, text } = token as Tokens.Text
      return <span key={key}>{tokens ? inline(tokens) : text}</span>
    }
    default:
      return <p key={key}>{token.raw}</p>
  }
}

function Table({ table }: { table: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard
    <div class="table-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.header.map((cell, at) => (
              <th key={at} scope="col">
                {inline(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{inline(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const inline = (tokens: readonly Token[]): ComponentChild[] => tokens.map((token, at) => span(token, at))

function span(token: Token, key: number): ComponentChild {
  switch (token.type) {
    case 'strong':
      return <strong key={key}>{inline((token as Tokens.Strong).tokens)}</strong>
    case 'em':
      return <em key={key}>{inline((token as Tokens.Em).tokens)}</em>
    case 'del':
      return <del key={key}>{inline((token as Tokens.Del).tokens)}</del>
    case 'codespan':
      return <code key={key}>{(token as Tokens.Codespan).text}</code>
    case 'br':
      return <br key={key} />
    case 'link': {
      const { href, tokens } = token as Tokens.Link
      if (!isWebLink(href)) return token.raw
      return (
        <a key={key} href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
          {inline(tokens)}
        </a>
      )
    }
    case 'image': {
      const { text, href } = token as Tokens.Image
      return `${text} (${href})`
    }
    case 'escape':
    case 'text': {
      const { tokens, text } = token as Tokens.Text
      return tokens ? <span key={key}>{inline(tokens)}</span> : text
    }
    case 'checkbox':
      return (token as Tokens.Checkbox).checked ? '☑ ' : '☐ '
    default:
      return token.raw
  }
}

const isWebLink = (href: string): boolean => URL.canParse(href) && /^https?:$/.test(new URL(href).protocol)
