import { EC2, type Vpc } from '@aws-sdk/client-ec2';
import { ServedAccount } from '../server.ts';

/** An account to make networks in; what was made goes, the last first. */
export class ServedNetwork {
  readonly served: ServedAccount;
  readonly ec2: EC2;
  readonly #made: (() => Promise<unknown>)[] = [];

  private constructor(served: ServedAccount) {
    this.served = served;
    this.ec2 = new EC2(served.client());
  }

  static async open(): Promise<ServedNetwork> {
    return new ServedNetwork(await ServedAccount.open());
  }

  /** What takes away something that was made; it may be gone already. */
  later(remove: () => Promise<unknown>): void {
    this.#made.push(remove);
  }

  async removeMade(): Promise<void> {
    for (const remove of this.#made.splice(0).reverse()) await remove().catch(() => undefined);
  }

  async vpc(CidrBlock = '10.0.0.0/16'): Promise<Vpc & { readonly VpcId: string }> {
    const { Vpc } = await this.ec2.createVpc({ CidrBlock });
    const VpcId = Vpc?.VpcId ?? '';
    this.later(() => this.ec2.deleteVpc({ VpcId }));
    return { ...Vpc, VpcId };
  }

  async subnet(VpcId: string, CidrBlock = '10.0.1.0/24'): Promise<string> {
    const { Subnet } = await this.ec2.createSubnet({ VpcId, CidrBlock });
    const SubnetId = Subnet?.SubnetId ?? '';
    this.later(() => this.ec2.deleteSubnet({ SubnetId }));
    return SubnetId;
  }

  /** Attached to the VPC. */
  async internetGateway(VpcId: string): Promise<string> {
    const { InternetGateway } = await this.ec2.createInternetGateway({});
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    await this.ec2.attachInternetGateway({ InternetGatewayId, VpcId });
    this.later(async () => {
      await this.ec2.detachInternetGateway({ InternetGatewayId, VpcId });
      await this.ec2.deleteInternetGateway({ InternetGatewayId });
    });
    return InternetGatewayId;
  }

  async address(): Promise<{ readonly AllocationId: string; readonly PublicIp: string }> {
    const { AllocationId = '', PublicIp = '' } = await this.ec2.allocateAddress({ Domain: 'vpc' });
    this.later(() => this.ec2.releaseAddress({ AllocationId }));
    return { AllocationId, PublicIp };
  }

  async close(): Promise<void> {
    await this.removeMade();
    this.ec2.destroy();
    await this.served.close();
  }
}
