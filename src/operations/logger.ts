import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** Fields that may carry what nobody may read in a log; a second fence, the first is never to log them. */
const REDACTED = ['password', 'token', 'authorization', 'cookie', 'code', 'session_key', 'sign', 'secret'];

/** What drivers and Node call their errors. No login code looks so: those are of mixed letters and digits. */
const ERROR_CODE = /^[A-Z]+(?:_[A-Z]+)*$/;

/** An error says what it is, and every other `code` may be the one of a login. */
function censor(value: unknown, path: readonly string[]): unknown {
  const isError = path.length === 2 && path[1] === 'code' && typeof value === 'string' && ERROR_CODE.test(value);
  return isError ? value : '[redacted]';
}

/** Where an error of the database holds what it was asked, personal data and all. */
const ASKED = new Set(['sql', 'query', 'parameters', 'driverError', 'hints']);

function describeError(error: unknown): unknown {
  const described: unknown = pino.stdSerializers.err(error as Error);
  if (described === error) return error;
  return Object.fromEntries(Object.entries(described as object).filter(([name]) => !ASKED.has(name)));
}

/** Milliseconds that a record may wait for others. */
const FLUSH_INTERVAL = 200;

export function createLogger(level: string, destination: DestinationStream = standardOutput()): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor },
    serializers: { error: describeError, cause: describeError },
  };
  return pino(options, destination);
}

/**
 * Written in batches, after the responses they speak of; what is left goes out at exit. The records of one turn of the event loop
 * are handed over together, because the destination measures all it holds with each text it is given.
 */
function standardOutput(): DestinationStream {
  const destination = pino.destination({
    sync: false,
    minLength: 32_768,
    maxWrite: 65_536,
    periodicFlush: FLUSH_INTERVAL,
  });
  let records = '';
  const handOver = (): void => {
    if (records !== '') destination.write(records);
    records = '';
  };
  process.once('exit', () => {
    handOver();
    destination.flushSync();
  });
  return {
    write(record) {
      if (records === '') setImmediate(handOver);
      records += record;
    },
  };
}

/** What Nest says of itself at every start. */
const CHATTER = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver', 'NestFactory']);

/** Nest's own messages and every `Logger` of the application, as pino records. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.write(CHATTER.has(context ?? '') ? 'debug' : 'info', message, context);
  }
  warn(message: unknown, context?: string): void {
    this.write('warn', message, context);
  }
  error(message: unknown, ...more: string[]): void {
    this.write('error', message, more.at(-1));
  }
  debug(message: unknown, context?: string): void {
    this.write('debug', message, context);
  }
  verbose(message: unknown, context?: string): void {
    this.write('debug', message, context);
  }

  private write(level: 'info' | 'warn' | 'error' | 'debug', message: unknown, context?: string): void {
    if (message instanceof Error) this.logger[level]({ context, error: message }, message.message);
    else if (typeof message === 'object' && message !== null) this.logger[level]({ context, ...message });
    else this.logger[level]({ context }, String(message));
  }
}
