/**
 * Published sets of migrations that the migrator is tried on: where each is found, what its module must hash to, and what is
 * known about it. It fetches nothing.
 */

export interface PublishedSet {
  readonly name: string;
  /** A Go module, because the proxy of modules keeps what was published once. */
  readonly module: string;
  readonly version: string;
  /** As go.sum has it, over all files of the module. */
  readonly sum: string;
  /** The folder of the migrations in it. */
  readonly folder: string;
  /** How many up files, each with its down file. */
  readonly pairs: number;
  /** Down files that do not bring back what was there before their up file, with the first thing that differs: found, not excused. */
  readonly unmirrored: Readonly<Record<string, string>>;
  /** Tables that are left when everything was rolled back, sorted. */
  readonly leftover: readonly string[];
}

export const PUBLISHED_SETS: readonly PublishedSet[] = [
  {
    name: 'coder',
    module: 'github.com/coder/coder/v2',
    version: 'v2.17.0',
    sum: 'h1:U59FfsE++IitesBaCUzAX6/9A+VpnXQKO81RzefWVww=',
    folder: 'coderd/database/migrations',
    pairs: 272,
    unmirrored: {
      '000014_provisioner_daemons_organization_id': 'changed: column public.provisioner_daemons.name',
      '000018_provisioner_job_type_dry_run':
        'rolling back 000018_provisioner_job_type_dry_run failed: invalid input value for enum resource_type',
      '000035_linked_user_id': 'missing: column public.api_keys.oauth_id_token',
      '000037_jwt_licenses': 'changed: column public.licenses.created_at',
      '000041_tailnet': 'changed: column public.workspace_agents.version',
      '000045_workspacebuildname': 'missing: constraint public.workspace_builds.workspace_builds_workspace_id_name_key',
      '000046_more_resource_types': 'changed: enum public.resource_type',
      '000048_userdelete': 'missing: index public.idx_users_email',
      '000051_comment_on_api_key_secret': 'changed: column public.api_keys.hashed_secret',
      '000055_relative_path_to_subdomain': 'changed: column public.workspace_apps.health',
      '000057_api_key_token': 'changed: enum public.login_type',
      '000059_file_id': 'changed: column public.provisioner_jobs.input',
      '000063_resource_type_group': 'changed: enum public.resource_type',
      '000065_add_audit_enums': 'changed: enum public.audit_action',
      '000071_provisioner_log_lines': 'missing: constraint public.provisioner_job_logs.provisioner_job_logs_pkey',
      '000073_remove_min_autostart': 'changed: column public.templates.created_by',
      '000094_add_resource_type_api_key': 'changed: enum public.audit_action',
      '000098_add_resource_type_license': 'changed: enum public.resource_type',
      '000101_workspace_agent_stats_tableify': 'changed: column public.agent_stats.payload',
      '000115_workspace_proxy_resource': 'changed: enum public.resource_type',
      '000117_add_audit_action_register': 'changed: enum public.audit_action',
      '000118_workspace_proxy_token': 'changed: column public.workspace_proxies.deleted',
      '000125_rename_login_before_ready_to_startup_script_behavior':
        'changed: column public.workspace_agents.expanded_directory',
      '000126_login_type_none': 'changed: enum public.login_type',
      '000133_oauth_convert_audit': 'changed: enum public.resource_type',
      '000134_workspace_build_reason': 'changed: enum public.build_reason',
      '000135_drop_rich_parameter_legacy_variable': 'changed: column public.template_version_parameters.display_name',
      '000144_user_status_dormant': 'changed: enum public.user_status',
      '000149_agent_multiple_subsystems': 'changed: column public.workspace_agents.ready_at',
      '000156_pg_coordinator_single_tailnet': 'missing: index public.idx_tailnet_clients_agent',
      '000157_workspace_agent_script': 'changed: column public.workspace_agent_logs.source',
      '000158_external_auth': 'changed: column public.template_versions.git_auth_providers',
      '000172_health_settings_audit': 'changed: enum public.resource_type',
      '000177_drop_provisioner_updated_at': 'changed: column public.provisioner_daemons.last_seen_at',
      '000195_oauth2_provider_codes':
        'missing: constraint public.oauth2_provider_app_secrets.oauth2_provider_app_secrets_app_id_hashed_secret_key',
      '000197_oauth2_provider_app_audit': 'changed: enum public.resource_type',
      '000202_remove_max_ttl': 'changed: column public.template_with_users.activity_bump',
      '000218_org_custom_role_audit': 'changed: enum public.resource_type',
      '000220_audit_org_member': 'changed: enum public.resource_type',
      '000223_notifications_settings_audit': 'changed: enum public.resource_type',
      '000238_notification_preferences': 'changed: enum public.notification_message_status',
      '000268_add_audit_action_request_password_reset': 'changed: enum public.audit_action',
      '000272_remove_must_reset_password': 'changed: column public.users.must_reset_password',
    },
    leftover: [],
  },
  {
    name: 'mattermost',
    module: 'github.com/mattermost/mattermost-server/v6',
    version: 'v6.7.2',
    sum: 'h1:rRss2/R5LNbyc/P1OA4kSWuVq+rmnxwepuwGpTwL+U4=',
    folder: 'db/migrations/postgres',
    pairs: 81,
    unmirrored: {
      '000010_create_group_channels': 'not there before: column public.groupchannels.autoadd',
      '000015_create_systems': 'not there before: column public.systems.name',
      '000043_thread_memberships': 'not there before: column public.threadmemberships.following',
      '000057_upgrade_command_webhooks_v6.0': 'changed: column public.commandwebhooks.parentid',
      '000066_upgrade_posts_v6.0': 'changed: column public.posts.editat',
      '000075_alter_upload_sessions_index': 'changed: index public.idx_uploadsessions_user_id',
    },
    leftover: ['groupchannels', 'systems', 'threadmemberships'],
  },
];
