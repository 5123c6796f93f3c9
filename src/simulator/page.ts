export function simulatorPage(): string {
  return '<!doctype html><title>WeChat simulator</title>';
}
