/** A user's permission is a sum of these bits (docs/api/api-v1.md, user/profile); 0 disables the account. */
export const Permission = { User: 1, Merchant: 2, Root: 4 } as const;

export const ANY_PERMISSION = Permission.User | Permission.Merchant | Permission.Root;

export function hasAny(permission: number, bits: number): boolean {
  return (permission & bits) !== 0;
}
