import { ServiceError } from '../../fault/index.ts';
import { ec2Errors } from './errors.ts';

/** Of one family on one interface; AWS's limit is the instance type's, and 64 that of the largest ("IP addresses per network interface"). */
const mostAddresses = 64;

/**
 * How many addresses an interface is to have: those that it has, those that are named, and a number of any.
 * @throws ServiceError `InvalidParameterValue`, `PrivateIpAddressLimitExceeded`
 */
export function checkAddressCount(named: number, count: number | undefined, parameter: string): void {
  if (count !== undefined && count < 0) {
    throw ec2Errors.invalidParameterValue(`${count}`, parameter, 'The number must not be negative.');
  }
  if (named + (count ?? 0) <= mostAddresses) return;
  throw new ServiceError('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.');
}
