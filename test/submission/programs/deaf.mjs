import { createServer } from "node:net"

/** Listens, says where, and stops: what knocks then waits in the kernel until its queue is full, and is not heard after. */
createServer(() => {}).listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function() {
  process.stdout.write(`${this.address().port}\n`, () => process.kill(process.pid, "SIGSTOP"))
})
