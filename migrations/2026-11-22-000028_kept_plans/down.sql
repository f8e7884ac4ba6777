create or replace function app_hold_public(of_plan text) returns boolean
    language sql volatile security definer set search_path = public as
$$ select status <> 'draft' from plans where code = of_plan for share $$;

create or replace function app_is_public(plan text) returns boolean
    language sql stable security definer set search_path = public as
$$ select exists (select from plans p where p.code = $1 and p.status <> 'draft') $$;

create or replace function app_last_versions(of_resource text, of_keys jsonb[]) returns bigint[]
    language sql stable security definer set search_path = public as
$$ select array(select (select version from journal where resource = of_resource and key = k order by id desc limit 1)
                from unnest(of_keys) with ordinality as t (k, n) order by n) $$;

create or replace function app_last_version(of_resource text, of_key jsonb) returns bigint
    language sql stable security definer set search_path = public as
$$ select version from journal where resource = of_resource and key = of_key order by id desc limit 1 $$;
