import {
  CreateFlowLogsCommand,
  type CreateFlowLogsRequest,
  type CreateFlowLogsResult,
  CreateVpcCommand,
  DeleteFlowLogsCommand,
  DeleteVpcCommand,
  DescribeFlowLogsCommand,
  type DescribeFlowLogsRequest,
  EC2Client,
  type FlowLog,
} from '@aws-sdk/client-ec2';
import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { ServedAccount } from '../server.ts';

const trust = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'vpc-flow-logs.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};

/** An account with a VPC and a role, which is all that a flow log needs. */
export class FlowLogAccount {
  readonly served: ServedAccount;
  readonly ec2: EC2Client;
  readonly vpcId: string;
  readonly roleArn: string;
  readonly #iam: IAMClient;
  readonly #roleName: string;

  private constructor(
    served: ServedAccount,
    clients: { readonly ec2: EC2Client; readonly iam: IAMClient },
    made: { readonly vpcId: string; readonly roleArn: string; readonly roleName: string },
  ) {
    this.served = served;
    this.ec2 = clients.ec2;
    this.#iam = clients.iam;
    this.vpcId = made.vpcId;
    this.roleArn = made.roleArn;
    this.#roleName = made.roleName;
  }

  static async open(): Promise<FlowLogAccount> {
    const served = await ServedAccount.open();
    const ec2 = new EC2Client(served.client());
    const iam = new IAMClient(served.client());
    const roleName = served.name('role');
    const AssumeRolePolicyDocument = JSON.stringify(trust);
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument }));
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const made = { vpcId: Vpc?.VpcId ?? '', roleArn: Role?.Arn ?? '', roleName };
    return new FlowLogAccount(served, { ec2, iam }, made);
  }

  /** A request that succeeds, changed. */
  request(change: Partial<CreateFlowLogsRequest> = {}): CreateFlowLogsRequest {
    return {
      ResourceType: 'VPC',
      ResourceIds: [this.vpcId],
      TrafficType: 'ALL',
      LogGroupName: 'headgate-conformance',
      DeliverLogsPermissionArn: this.roleArn,
      ...change,
    };
  }

  create(change: Partial<CreateFlowLogsRequest> = {}): Promise<CreateFlowLogsResult> {
    return this.ec2.send(new CreateFlowLogsCommand(this.request(change)));
  }

  async createOne(change: Partial<CreateFlowLogsRequest> = {}): Promise<string> {
    return (await this.create(change)).FlowLogIds?.[0] ?? '';
  }

  async describe(request: DescribeFlowLogsRequest = {}): Promise<FlowLog[]> {
    return (await this.ec2.send(new DescribeFlowLogsCommand(request))).FlowLogs ?? [];
  }

  /** Those on the VPC. */
  async deleteFlowLogs(): Promise<void> {
    const made = await this.describe({ Filter: [{ Name: 'resource-id', Values: [this.vpcId] }] });
    const FlowLogIds = made.map(({ FlowLogId = '' }) => FlowLogId);
    if (FlowLogIds.length > 0) await this.ec2.send(new DeleteFlowLogsCommand({ FlowLogIds }));
  }

  async close(): Promise<void> {
    await this.deleteFlowLogs();
    await this.ec2.send(new DeleteVpcCommand({ VpcId: this.vpcId }));
    await this.#iam.send(new DeleteRoleCommand({ RoleName: this.#roleName }));
    this.ec2.destroy();
    this.#iam.destroy();
    await this.served.close();
  }
}
