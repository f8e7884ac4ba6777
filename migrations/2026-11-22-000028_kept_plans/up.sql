-- A function in SQL that is called under another's rights is parsed and planned at every call, 0.1 ms and more; one in
-- PL/pgSQL once a session. These lie on the way of writes.
create or replace function app_last_version(of_resource text, of_key jsonb) returns bigint
    language plpgsql stable security definer set search_path = public as
$$ begin return (select version from journal where resource = of_resource and key = of_key order by id desc limit 1); end $$;

create or replace function app_last_versions(of_resource text, of_keys jsonb[]) returns bigint[]
    language plpgsql stable security definer set search_path = public as
$$ begin
    return array(select (select version from journal where resource = of_resource and key = k order by id desc limit 1)
                 from unnest(of_keys) with ordinality as t (k, n) order by n);
end $$;

create or replace function app_is_public(plan text) returns boolean
    language plpgsql stable security definer set search_path = public as
$$ begin return exists (select from plans p where p.code = $1 and p.status <> 'draft'); end $$;

create or replace function app_hold_public(of_plan text) returns boolean
    language plpgsql volatile security definer set search_path = public as
$$ begin return (select status <> 'draft' from plans where code = of_plan for share); end $$;
