"""AWS's own policies that matter for the roles of a task: what exactly they allow.

Source: the published documents as mirrored in zoph-io/MAMIP, `policies/` at commit 0387244e
of 2026-03-07. A policy of AWS that is not here is known by its name only.
"""

from __future__ import annotations

from .model import Policy, Statement, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Span


def names() -> tuple[str, ...]:
    """The policies in the table."""
    return tuple(line.partition(" ")[0] for line in _TABLE.splitlines() if line and not line.startswith(" "))


def version(name: str) -> tuple[str, str] | None:
    """The version of a policy that is in the table, and since when it is the one that counts."""
    start = _TABLE.find(f"\n{name} ")
    if start < 0:
        return None
    _, number, date = _TABLE[start + 1 : _TABLE.index("\n", start + 1)].split(" ")
    return number, date


def policy(name: str, span: Span) -> Policy:
    """AWS's policy of that name, its statements placed where it is attached; unknown when it is not in the table."""
    start = _TABLE.find(f"\n{name} ")
    if start < 0:
        return Policy(span, unknown=(f"what AWS's policy {name} allows is not known here",), name=name)
    lines = _TABLE[start + 1 :].split("\n")[1:]
    end = next(number for number, line in enumerate(lines) if not line.startswith(" "))
    return Policy(span, tuple(_statements(" ".join(lines[:end]), span)), name=name)


def _statements(text: str, span: Span) -> Iterator[Statement]:
    for statement in text.split(" allow ")[1:]:
        actions, _, rest = statement.partition(" on ")
        resources = rest.split()
        conditional = resources[-1] == "if"
        yield Statement(
            span,
            True,
            tuple(Text(span, (action,)) for action in actions.removeprefix("all but ").split()),
            tuple(Text(span, (resource,)) for resource in (resources[:-1] if conditional else resources)),
            not_actions=actions.startswith("all but "),
            conditional=conditional,
        )


# Name, version and its date; then its statements: the actions (`all but` for NotAction), the
# resources, and `if` where it holds under a condition only.
_TABLE = """
AdministratorAccess v1 2015-02-06
  allow * on *
AmazonBedrockFullAccess v10 2026-02-12
  allow bedrock:* on *
  allow bedrock-mantle:* on *
  allow kms:DescribeKey on arn:*:kms:*:::*
  allow ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs iam:ListRoles on *
  allow sagemaker:CreateEndpoint sagemaker:CreateEndpointConfig sagemaker:CreateModel sagemaker:DeleteEndpoint
    sagemaker:UpdateEndpoint on arn:aws:sagemaker:*:*:endpoint-config/* arn:aws:sagemaker:*:*:endpoint/*
    arn:aws:sagemaker:*:*:model/* if
  allow sagemaker:AddTags on arn:aws:sagemaker:*:*:endpoint-config/* arn:aws:sagemaker:*:*:endpoint/*
    arn:aws:sagemaker:*:*:model/* if
  allow sagemaker:DeleteTags on arn:aws:sagemaker:*:*:endpoint-config/* arn:aws:sagemaker:*:*:endpoint/*
    arn:aws:sagemaker:*:*:model/* if
  allow sagemaker:DescribeEndpoint sagemaker:DescribeEndpointConfig sagemaker:DescribeInferenceComponent
    sagemaker:DescribeModel sagemaker:ListEndpoints sagemaker:ListTags on arn:aws:sagemaker:*:*:endpoint-config/*
    arn:aws:sagemaker:*:*:endpoint/* arn:aws:sagemaker:*:*:model/* if
  allow sagemaker:InvokeEndpoint sagemaker:InvokeEndpointWithResponseStream on arn:aws:sagemaker:*:*:endpoint/* if
  allow sagemaker:DescribeHubContent on arn:aws:sagemaker:*:aws:hub-content/SageMakerPublicHub/Model/*
    arn:aws:sagemaker:*:aws:hub/SageMakerPublicHub
  allow sagemaker:ListHubContents on arn:aws:sagemaker:*:aws:hub/SageMakerPublicHub
  allow iam:PassRole on arn:aws:iam::*:role/*SageMaker*ForBedrock* if
  allow iam:PassRole on arn:aws:iam::*:role/*AmazonBedrock* if
  allow aws-marketplace:Subscribe aws-marketplace:Unsubscribe aws-marketplace:ViewSubscriptions on * if
AmazonDynamoDBFullAccess v15 2021-01-29
  allow application-autoscaling:DeleteScalingPolicy application-autoscaling:DeregisterScalableTarget
    application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingActivities
    application-autoscaling:DescribeScalingPolicies application-autoscaling:PutScalingPolicy
    application-autoscaling:RegisterScalableTarget cloudwatch:DeleteAlarms cloudwatch:DescribeAlarmHistory
    cloudwatch:DescribeAlarms cloudwatch:DescribeAlarmsForMetric cloudwatch:GetMetricData
    cloudwatch:GetMetricStatistics cloudwatch:ListMetrics cloudwatch:PutMetricAlarm datapipeline:ActivatePipeline
    datapipeline:CreatePipeline datapipeline:DeletePipeline datapipeline:DescribeObjects
    datapipeline:DescribePipelines datapipeline:GetPipelineDefinition datapipeline:ListPipelines
    datapipeline:PutPipelineDefinition datapipeline:QueryObjects dax:* dynamodb:* ec2:DescribeSecurityGroups
    ec2:DescribeSubnets ec2:DescribeVpcs iam:GetRole iam:ListRoles kinesis:DescribeStream
    kinesis:DescribeStreamSummary kinesis:ListStreams kms:DescribeKey kms:ListAliases lambda:CreateEventSourceMapping
    lambda:CreateFunction lambda:DeleteEventSourceMapping lambda:DeleteFunction lambda:GetFunctionConfiguration
    lambda:ListEventSourceMappings lambda:ListFunctions resource-groups:CreateGroup resource-groups:DeleteGroup
    resource-groups:GetGroup resource-groups:GetGroupQuery resource-groups:ListGroupResources
    resource-groups:ListGroups sns:CreateTopic sns:DeleteTopic sns:ListSubscriptions sns:ListSubscriptionsByTopic
    sns:ListTopics sns:SetTopicAttributes sns:Subscribe sns:Unsubscribe tag:GetResources on *
  allow cloudwatch:GetInsightRuleReport on arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*
  allow iam:PassRole on * if
  allow iam:CreateServiceLinkedRole on * if
AmazonDynamoDBReadOnlyAccess v15 2024-11-18
  allow application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingActivities
    application-autoscaling:DescribeScalingPolicies cloudwatch:DescribeAlarmHistory cloudwatch:DescribeAlarms
    cloudwatch:DescribeAlarmsForMetric cloudwatch:GetMetricData cloudwatch:GetMetricStatistics cloudwatch:ListMetrics
    datapipeline:DescribeObjects datapipeline:DescribePipelines datapipeline:GetPipelineDefinition
    datapipeline:ListPipelines datapipeline:QueryObjects dax:BatchGetItem dax:Describe* dax:GetItem dax:List*
    dax:Query dax:Scan dynamodb:BatchGetItem dynamodb:Describe* dynamodb:GetAbacStatus dynamodb:GetItem
    dynamodb:GetResourcePolicy dynamodb:List* dynamodb:PartiQLSelect dynamodb:Query dynamodb:Scan
    ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs iam:GetRole iam:ListRoles kinesis:DescribeStream
    kinesis:DescribeStreamSummary kinesis:ListStreams kms:DescribeKey kms:ListAliases lambda:GetFunctionConfiguration
    lambda:ListEventSourceMappings lambda:ListFunctions resource-groups:GetGroup resource-groups:GetGroupQuery
    resource-groups:ListGroupResources resource-groups:ListGroups sns:ListSubscriptionsByTopic sns:ListTopics
    tag:GetResources on *
  allow cloudwatch:GetInsightRuleReport on arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*
AmazonEC2ContainerRegistryFullAccess v3 2020-12-05
  allow cloudtrail:LookupEvents ecr:* on *
  allow iam:CreateServiceLinkedRole on * if
AmazonEC2ContainerRegistryPowerUser v3 2019-12-10
  allow ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:DescribeImages
    ecr:DescribeImageScanFindings ecr:DescribeRepositories ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer
    ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:GetRepositoryPolicy ecr:InitiateLayerUpload
    ecr:ListImages ecr:ListTagsForResource ecr:PutImage ecr:UploadLayerPart on *
AmazonEC2ContainerRegistryPullOnly v1 2024-10-04
  allow ecr:BatchGetImage ecr:BatchImportUpstreamImage ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer on *
AmazonEC2ContainerRegistryReadOnly v3 2019-12-10
  allow ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:DescribeImages ecr:DescribeImageScanFindings
    ecr:DescribeRepositories ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer ecr:GetLifecyclePolicy
    ecr:GetLifecyclePolicyPreview ecr:GetRepositoryPolicy ecr:ListImages ecr:ListTagsForResource on *
AmazonEC2ContainerServiceAutoscaleRole v2 2018-02-05
  allow ecs:DescribeServices ecs:UpdateService on *
  allow cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm on *
AmazonEC2ContainerServiceEventsRole v3 2023-03-06
  allow ecs:RunTask on *
  allow iam:PassRole on * if
  allow ecs:TagResource on * if
AmazonEC2ContainerServiceforEC2Role v10 2026-02-12
  allow ec2:DescribeTags ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetAuthorizationToken
    ecr:GetDownloadUrlForLayer ecs:CreateCluster ecs:DeregisterContainerInstance ecs:DiscoverPollEndpoint ecs:Poll
    ecs:RegisterContainerInstance ecs:StartTelemetrySession ecs:Submit* ecs:UpdateContainerInstancesState
    logs:CreateLogStream logs:PutLogEvents on *
  allow ecs:TagResource on * if
  allow ecs:ListTagsForResource on arn:aws:ecs:*:*:container-instance/*/* arn:aws:ecs:*:*:task/*/*
AmazonEC2ContainerServiceRole v2 2016-08-11
  allow ec2:AuthorizeSecurityGroupIngress ec2:Describe* elasticloadbalancing:DeregisterInstancesFromLoadBalancer
    elasticloadbalancing:DeregisterTargets elasticloadbalancing:Describe*
    elasticloadbalancing:RegisterInstancesWithLoadBalancer elasticloadbalancing:RegisterTargets on *
AmazonECSInfrastructureRolePolicyForLoadBalancers v6 2026-02-12
  allow elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules
    elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeTargetHealth on *
  allow elasticloadbalancing:DeregisterTargets elasticloadbalancing:RegisterTargets on
    arn:aws:elasticloadbalancing:*:*:targetgroup/*/*
  allow elasticloadbalancing:ModifyListener on arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*
  allow elasticloadbalancing:ModifyListener on arn:aws:elasticloadbalancing:*:*:listener/net/*/*/*
  allow elasticloadbalancing:ModifyRule on arn:aws:elasticloadbalancing:*:*:listener-rule/app/*/*/*/*
AmazonECSInfrastructureRolePolicyForManagedInstances v11 2026-02-26
  allow ec2:CreateLaunchTemplate on arn:aws:ec2:*:*:launch-template/* if
  allow ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate on arn:aws:ec2:*:*:launch-template/* if
  allow ec2:CreateFleet on arn:aws:ec2:*:*:fleet/* arn:aws:ec2:*:*:instance/* arn:aws:ec2:*:*:launch-template/*
    arn:aws:ec2:*:*:network-interface/* arn:aws:ec2:*:*:volume/* if
  allow ec2:CreateFleet on arn:aws:ec2:*:*:security-group/* arn:aws:ec2:*:*:subnet/* arn:aws:ec2:*::image/*
  allow ec2:RunInstances on arn:aws:ec2:*:*:instance/* arn:aws:ec2:*:*:network-interface/* arn:aws:ec2:*:*:volume/* if
  allow ec2:RunInstances on arn:aws:ec2:*:*:launch-template/* if
  allow ec2:RunInstances on arn:aws:ec2:*:*:security-group/* arn:aws:ec2:*:*:subnet/* arn:aws:ec2:*::image/*
    arn:aws:resource-groups:*:*:group/*
  allow ec2:CreateTags on arn:aws:ec2:*:*:fleet/* arn:aws:ec2:*:*:instance/* arn:aws:ec2:*:*:launch-template/*
    arn:aws:ec2:*:*:network-interface/* arn:aws:ec2:*:*:volume/* if
  allow iam:PassRole on arn:aws:iam::*:role/ecsInstanceRole* if
  allow iam:CreateServiceLinkedRole on
    arn:aws:iam::*:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot
  allow ec2:DescribeAvailabilityZones ec2:DescribeCapacityReservations ec2:DescribeInstances
    ec2:DescribeInstanceTypeOfferings ec2:DescribeInstanceTypes ec2:DescribeLaunchTemplates
    ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs on *
  allow cloudformation:DescribeStacks cloudformation:ListStackResources resource-groups:ListGroupResources
    tag:GetResources on *
AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity v4 2026-02-12
  allow secretsmanager:CreateSecret on arn:aws:secretsmanager:*:*:secret:ecs-sc!* if
  allow secretsmanager:TagResource on arn:aws:secretsmanager:*:*:secret:ecs-sc!* if
  allow secretsmanager:DeleteSecret secretsmanager:GetSecretValue secretsmanager:PutSecretValue
    secretsmanager:RotateSecret secretsmanager:UpdateSecret secretsmanager:UpdateSecretVersionStage on
    arn:aws:secretsmanager:*:*:secret:ecs-sc!* if
  allow secretsmanager:DescribeSecret on arn:aws:secretsmanager:*:*:secret:ecs-sc!* if
  allow acm-pca:DescribeCertificateAuthority acm-pca:GetCertificate acm-pca:GetCertificateAuthorityCertificate on * if
  allow acm-pca:IssueCertificate on * if
AmazonECSInfrastructureRolePolicyForVolumes v5 2026-02-12
  allow ec2:CreateVolume on arn:aws:ec2:*:*:volume/* if
  allow ec2:CreateVolume on arn:aws:ec2:*:*:snapshot/*
  allow ec2:CreateTags on arn:aws:ec2:*:*:volume/* if
  allow ec2:DescribeAvailabilityZones ec2:DescribeVolumes on *
  allow ec2:DescribeInstances on *
  allow ec2:AttachVolume ec2:DetachVolume on arn:aws:ec2:*:*:volume/* if
  allow ec2:AttachVolume ec2:DetachVolume on arn:aws:ec2:*:*:instance/*
  allow ec2:DeleteVolume on arn:aws:ec2:*:*:volume/* if
AmazonECSInfrastructureRolePolicyForVpcLattice v1 2024-11-15
  allow vpc-lattice:DeregisterTargets vpc-lattice:RegisterTargets on arn:aws:vpc-lattice:*:*:targetgroup/*
  allow vpc-lattice:GetTargetGroup on arn:aws:vpc-lattice:*:*:targetgroup/*
  allow vpc-lattice:ListTargets on arn:aws:vpc-lattice:*:*:targetgroup/*
  allow ec2:DescribeInstances ec2:DescribeSubnets ec2:DescribeVpcs on *
AmazonECSInstanceRolePolicyForManagedInstances v3 2026-02-12
  allow ecs:DiscoverPollEndpoint on *
  allow ecs:RegisterContainerInstance on arn:aws:ecs:*:*:cluster/*
  allow ecs:Poll on arn:aws:ecs:*:*:container-instance/*
  allow ecs:PutSystemLogEvents ecs:StartTelemetrySession on arn:aws:ecs:*:*:container-instance/*
  allow ecs:SubmitAttachmentStateChanges ecs:SubmitTaskStateChange on arn:aws:ecs:*:*:cluster/*
AmazonECSTaskExecutionRolePolicy v1 2017-11-16
  allow ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer
    logs:CreateLogStream logs:PutLogEvents on *
AmazonElasticFileSystemClientFullAccess v1 2020-01-13
  allow elasticfilesystem:ClientMount elasticfilesystem:ClientRootAccess elasticfilesystem:ClientWrite
    elasticfilesystem:DescribeMountTargets on *
AmazonElasticFileSystemClientReadOnlyAccess v1 2020-01-13
  allow elasticfilesystem:ClientMount elasticfilesystem:DescribeMountTargets on *
AmazonElasticFileSystemClientReadWriteAccess v1 2020-01-13
  allow elasticfilesystem:ClientMount elasticfilesystem:ClientWrite elasticfilesystem:DescribeMountTargets on *
AmazonKinesisFirehoseFullAccess v1 2015-10-07
  allow firehose:* on *
AmazonKinesisFullAccess v1 2015-02-06
  allow kinesis:* on *
AmazonPrometheusRemoteWriteAccess v1 2020-12-19
  allow aps:RemoteWrite on *
AmazonS3FullAccess v2 2021-09-27
  allow s3-object-lambda:* s3:* on *
AmazonS3ReadOnlyAccess v3 2023-08-10
  allow s3-object-lambda:Get* s3-object-lambda:List* s3:Describe* s3:Get* s3:List* on *
AmazonSESFullAccess v1 2015-02-06
  allow ses:* on *
AmazonSNSFullAccess v2 2024-09-24
  allow sns:* on *
  allow sms-voice:CreateVerifiedDestinationNumber sms-voice:DeleteOptedOutNumber
    sms-voice:DeleteVerifiedDestinationNumber sms-voice:DescribeAccountAttributes sms-voice:DescribeOptedOutNumbers
    sms-voice:DescribePhoneNumbers sms-voice:DescribeSpendLimits sms-voice:DescribeVerifiedDestinationNumbers
    sms-voice:SendDestinationNumberVerificationCode sms-voice:SendTextMessage
    sms-voice:SetTextMessageSpendLimitOverride sms-voice:VerifyDestinationNumber on * if
AmazonSQSFullAccess v1 2015-02-06
  allow sqs:* on *
AmazonSQSReadOnlyAccess v4 2024-05-24
  allow sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListDeadLetterSourceQueues sqs:ListMessageMoveTasks sqs:ListQueues
    sqs:ListQueueTags on *
AmazonSSMFullAccess v4 2019-11-20
  allow cloudwatch:PutMetricData ds:CreateComputer ds:DescribeDirectories ec2:DescribeInstanceStatus ec2messages:*
    logs:* ssm:* on *
  allow iam:CreateServiceLinkedRole on
    arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM* if
  allow iam:DeleteServiceLinkedRole iam:GetServiceLinkedRoleDeletionStatus on
    arn:aws:iam::*:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM*
  allow ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel
    ssmmessages:OpenDataChannel on *
AmazonSSMManagedInstanceCore v2 2019-05-23
  allow ssm:DescribeAssociation ssm:DescribeDocument ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument
    ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations ssm:ListInstanceAssociations
    ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:PutInventory ssm:UpdateAssociationStatus
    ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation on *
  allow ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel
    ssmmessages:OpenDataChannel on *
  allow ec2messages:AcknowledgeMessage ec2messages:DeleteMessage ec2messages:FailMessage ec2messages:GetEndpoint
    ec2messages:GetMessages ec2messages:SendReply on *
AmazonSSMReadOnlyAccess v1 2015-05-29
  allow ssm:Describe* ssm:Get* ssm:List* on *
AWSAppMeshEnvoyAccess v1 2019-07-03
  allow appmesh:StreamAggregatedResources on *
AWSAppRunnerServicePolicyForECRAccess v1 2021-05-14
  allow ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:DescribeImages ecr:GetAuthorizationToken
    ecr:GetDownloadUrlForLayer on *
AWSLambda_FullAccess v7 2026-02-12
  allow cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:GetMetricData
    cloudwatch:ListMetrics ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs iam:GetPolicy
    iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles
    kms:DescribeKey kms:ListAliases lambda:* logs:DescribeLogGroups states:DescribeStateMachine
    states:ListStateMachines tag:GetResources xray:BatchGetTraces xray:GetTraceSummaries on *
  allow iam:PassRole on * if
  allow logs:DescribeLogStreams logs:FilterLogEvents logs:GetLogEvents logs:StartLiveTail logs:StopLiveTail on
    arn:aws:logs:*:*:log-group:/aws/lambda/*
  allow iam:CreateServiceLinkedRole on
    arn:aws:iam::*:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda if
AWSLambdaBasicExecutionRole v1 2015-04-09
  allow logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents on *
AWSStepFunctionsFullAccess v1 2017-01-11
  allow states:* on *
AWSXRayDaemonWriteAccess v2 2024-02-13
  allow xray:GetSamplingRules xray:GetSamplingStatisticSummaries xray:GetSamplingTargets xray:PutTelemetryRecords
    xray:PutTraceSegments on *
AWSXrayFullAccess v2 2024-04-11
  allow xray:* on *
AWSXrayWriteOnlyAccess v2 2018-08-28
  allow xray:GetSamplingRules xray:GetSamplingStatisticSummaries xray:GetSamplingTargets xray:PutTelemetryRecords
    xray:PutTraceSegments on *
CloudWatchAgentServerPolicy v3 2024-02-06
  allow cloudwatch:PutMetricData ec2:DescribeTags ec2:DescribeVolumes logs:CreateLogGroup logs:CreateLogStream
    logs:DescribeLogGroups logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy xray:GetSamplingRules
    xray:GetSamplingStatisticSummaries xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments on *
  allow ssm:GetParameter on arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*
CloudWatchFullAccess v4 2022-11-27
  allow autoscaling:Describe* cloudwatch:* iam:GetPolicy iam:GetPolicyVersion iam:GetRole logs:* oam:ListSinks sns:*
    on *
  allow iam:CreateServiceLinkedRole on
    arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents* if
  allow oam:ListAttachedLinks on arn:aws:oam:*:*:sink/*
CloudWatchLogsFullAccess v8 2026-02-12
  allow cloudwatch:GenerateQuery cloudwatch:GenerateQueryResultsSummary logs:*
    observabilityadmin:GetS3TableIntegration observabilityadmin:ListS3TableIntegrations
    observabilityadmin:ListTelemetryPipelines on *
IAMFullAccess v2 2019-06-21
  allow iam:* organizations:DescribeAccount organizations:DescribeOrganization
    organizations:DescribeOrganizationalUnit organizations:DescribePolicy organizations:ListChildren
    organizations:ListParents organizations:ListPolicies organizations:ListPoliciesForTarget organizations:ListRoots
    organizations:ListTargetsForPolicy on *
PowerUserAccess v12 2026-02-12
  allow all but account:* iam:* organizations:* on *
  allow account:GetAccountInformation account:GetGovCloudAccountInformation account:GetPrimaryEmail
    account:ListRegions iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles
    organizations:DescribeEffectivePolicy organizations:DescribeOrganization on *
SecretsManagerReadWrite v5 2024-02-22
  allow cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:DescribeStackResource
    cloudformation:DescribeStacks cloudformation:ExecuteChangeSet docdb-elastic:GetCluster docdb-elastic:ListClusters
    ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:DescribeKey kms:ListAliases kms:ListKeys
    lambda:ListFunctions rds:DescribeDBClusters rds:DescribeDBInstances redshift-serverless:GetNamespace
    redshift-serverless:ListWorkgroups redshift:DescribeClusters secretsmanager:* tag:GetResources on *
  allow lambda:AddPermission lambda:CreateFunction lambda:GetFunction lambda:InvokeFunction
    lambda:UpdateFunctionConfiguration on arn:aws:lambda:*:*:function:SecretsManager*
  allow serverlessrepo:CreateCloudFormationChangeSet serverlessrepo:GetApplication on
    arn:aws:serverlessrepo:*:*:applications/SecretsManager*
  allow s3:GetObject on arn:aws:s3:::awsserverlessrepo-changesets* arn:aws:s3:::secrets-manager-rotation-apps-*/*
"""
