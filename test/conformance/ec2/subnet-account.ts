import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { ServedAccount } from '../server.ts';

/** An account with a VPC and a subnet in it; what a test makes there it takes away again. */
export class SubnetAccount {
  readonly served: ServedAccount;
  readonly ec2: EC2Client;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly #undo: (() => Promise<unknown>)[] = [];

  private constructor(served: ServedAccount, ec2: EC2Client, vpcId: string, subnetId: string) {
    this.served = served;
    this.ec2 = ec2;
    this.vpcId = vpcId;
    this.subnetId = subnetId;
  }

  static async open(): Promise<SubnetAccount> {
    const served = await ServedAccount.open();
    const ec2 = new EC2Client(served.client());
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
    const VpcId = Vpc?.VpcId ?? '';
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.20.1.0/24' }));
    return new SubnetAccount(served, ec2, VpcId, Subnet?.SubnetId ?? '');
  }

  /** Done when the test is over, the last one first. */
  later(undo: () => Promise<unknown>): void {
    this.#undo.push(undo);
  }

  async clean(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) await undo();
  }

  async close(): Promise<void> {
    await this.clean();
    await this.ec2.send(new DeleteSubnetCommand({ SubnetId: this.subnetId }));
    await this.ec2.send(new DeleteVpcCommand({ VpcId: this.vpcId }));
    this.ec2.destroy();
    await this.served.close();
  }
}
