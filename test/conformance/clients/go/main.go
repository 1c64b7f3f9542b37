// A client in Go: what go.test.ts asks of it, as JSON on standard output. Arguments: the endpoint, a name.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

type seen struct {
	Account      string   `json:"account"`
	Pages        []int    `json:"pages"`
	Unsuccessful int      `json:"unsuccessful"`
	Missing      string   `json:"missing"`
	Events       []string `json:"events"`
	Counted      string   `json:"counted"`
	Again        bool     `json:"again"`
	Object       string   `json:"object"`
	Whole        bool     `json:"whole"`
	Keys         []int    `json:"keys"`
	Absent       bool     `json:"absent"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	endpoint, name := os.Args[1], os.Args[2]
	cfg := must(config.LoadDefaultConfig(ctx, config.WithBaseEndpoint(endpoint)))
	var found seen
	found.Account = aws.ToString(must(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)).Account)
	network(ctx, cfg, name, &found)
	events(ctx, cfg, name, &found)
	objects(ctx, cfg, name, &found)
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		log.Fatal(err)
	}
}

// network makes a VPC with flow logs, pages through them, and takes all away.
func network(ctx context.Context, cfg aws.Config, name string, found *seen) {
	client, roles := ec2.NewFromConfig(cfg), iam.NewFromConfig(cfg)
	vpc := must(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.70.0.0/16")})).Vpc.VpcId
	waiter := ec2.NewVpcAvailableWaiter(client)
	if err := waiter.Wait(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*vpc}}, time.Minute); err != nil {
		log.Fatal(err)
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"vpc-flow-logs.amazonaws.com"}}]}`
	role := must(roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})).Role.Arn
	var ids []string
	for _, traffic := range types.TrafficTypeAll.Values() {
		made := must(client.CreateFlowLogs(ctx, &ec2.CreateFlowLogsInput{
			ResourceType:             types.FlowLogsResourceTypeVpc,
			ResourceIds:              []string{*vpc},
			TrafficType:              traffic,
			LogGroupName:             aws.String(name + "-" + string(traffic)),
			DeliverLogsPermissionArn: role,
		}))
		ids = append(ids, made.FlowLogIds...)
	}
	pages := ec2.NewDescribeFlowLogsPaginator(client, &ec2.DescribeFlowLogsInput{
		Filter:     []types.Filter{{Name: aws.String("resource-id"), Values: []string{*vpc}}},
		MaxResults: aws.Int32(2),
	})
	for pages.HasMorePages() {
		found.Pages = append(found.Pages, len(must(pages.NextPage(ctx)).FlowLogs))
	}
	found.Unsuccessful = len(must(client.DeleteFlowLogs(ctx, &ec2.DeleteFlowLogsInput{FlowLogIds: ids})).Unsuccessful)
	must(client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc}))
	must(roles.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &name}))
	_, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*vpc}})
	var refused smithy.APIError
	if errors.As(err, &refused) {
		found.Missing = refused.ErrorCode()
	}
}

// events puts two events, filters and counts them.
func events(ctx context.Context, cfg aws.Config, name string, found *seen) {
	client := cloudwatchlogs.NewFromConfig(cfg)
	must(client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))
	must(client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: &name}))
	now := time.Now()
	must(client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName:  &name,
		LogStreamName: &name,
		LogEvents: []logtypes.InputLogEvent{
			{Timestamp: aws.Int64(now.UnixMilli()), Message: aws.String("one REJECT")},
			{Timestamp: aws.Int64(now.UnixMilli()), Message: aws.String("two ACCEPT")},
		},
	}))
	filtered := must(client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName:  &name,
		FilterPattern: aws.String("REJECT"),
	}))
	for _, event := range filtered.Events {
		found.Events = append(found.Events, *event.Message)
	}
	query := must(client.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
		LogGroupName: &name,
		StartTime:    aws.Int64(now.Add(-time.Minute).Unix()),
		EndTime:      aws.Int64(now.Add(time.Minute).Unix()),
		QueryString:  aws.String("stats count(*) as events"),
	}))
	for {
		answer := must(client.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: query.QueryId}))
		if answer.Status == logtypes.QueryStatusComplete {
			found.Counted = *answer.Results[0][0].Value
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	_, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name})
	var exists *logtypes.ResourceAlreadyExistsException
	found.Again = errors.As(err, &exists)
	must(client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name}))
}
