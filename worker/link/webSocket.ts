import type { SocketListener, TabSocket } from './tabEnvironment.ts'

/** URL of the tab socket of a relay. */
export function tabSocketUrl(relayUrl: string): URL {
  const url = new URL('/tab', relayUrl)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url
}

/** A browser's WebSocket as the core wants it. */
export function openWebSocket(url: URL, listener: SocketListener): TabSocket {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  socket.onopen = () => listener.opened()
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') listener.text(data)
    else listener.binary(new Uint8Array(data))
  }
  socket.onclose = ({ code }) => listener.closed(code)
  return {
    send(data) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    close: (code) => socket.close(code),
  }
}
