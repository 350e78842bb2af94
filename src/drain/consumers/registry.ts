/** Which code reaches a consumer, by its kind. */
import { assertNever } from '../../model/assert-never.ts';
import type { Consumer } from '../../model/consumer.ts';
import { commandControl } from './command.ts';
import type { ConsumerAccess, ConsumerControl } from './control.ts';
import { httpControl } from './http.ts';
import { sqlControl } from './sql.ts';
import { subscriptionControl } from './subscription.ts';

export function controlOf(consumer: Consumer, access: ConsumerAccess): ConsumerControl {
  switch (consumer.kind) {
    case 'http':
      return httpControl(consumer, access);
    case 'command':
      return commandControl(consumer, access);
    case 'sql':
      return sqlControl(consumer, access);
    case 'subscription':
      return subscriptionControl(consumer, access);
    default:
      return assertNever(consumer);
  }
}
