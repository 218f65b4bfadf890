import './styles/base.css'
import './styles/parts.css'
import './styles/pages.css'
import { render } from 'preact'
import { App } from './App.tsx'
import { attachSite } from './site.ts'
import { language } from './text/say.ts'

document.documentElement.lang = language
attachSite()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
