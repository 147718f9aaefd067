// A loopback endpoint in a process of its own: answers per contract, counts distinct markers and bytes. `hang` never answers.
import http from "node:http"
import zlib from "node:zlib"

const [mode = "ok"] = process.argv.slice(2)
const seen = new Set()
let bytes = 0
let duplicates = 0
http.createServer((request, response) => {
  const chunks = []
  request.on("data", (chunk) => chunks.push(chunk))
  request.on("end", () => {
    if (mode === "hang") return
    const raw = Buffer.concat(chunks)
    bytes += raw.length
    const text = (request.headers["content-encoding"] === "gzip" ? zlib.gunzipSync(raw) : raw).toString("latin1")
    for (const [marker] of text.matchAll(/mk_\d{7}/g)) {
      if (seen.has(marker)) duplicates += 1
      seen.add(marker)
    }
    response.writeHead(200, { "content-type": "application/json" })
    // Session and environment events bear no marker, but they are events.
    response.end(JSON.stringify({ success: true, accepted: text.split("\"eventType\":").length - 1, rejected: 0 }))
  })
}).listen(0, "127.0.0.1", function() {
  process.send({ port: this.address().port })
})
process.on("message", () => process.send({ distinct: seen.size, duplicates, bytes }))
process.on("disconnect", () => process.exit())
