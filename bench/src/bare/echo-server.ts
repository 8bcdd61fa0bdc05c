import express from 'express';

/** The least that an HTTP service written with express does: parse JSON, answer JSON. Says its port to its parent. */
const app = express();
app.disable('x-powered-by');
app.use(express.json());
app.post('/memories', (request, response) => {
  response.status(202).json({ ok: true, bytes: JSON.stringify(request.body).length });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
