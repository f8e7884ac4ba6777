-- Imports: many records in one call, and what became of each row.

create function app_last_versions(of_resource text, of_keys jsonb[]) returns bigint[]
    language sql stable security definer set search_path = public as
$$ select array(select (select version from journal where resource = of_resource and key = k order by id desc limit 1)
                from unnest(of_keys) with ordinality as t (k, n) order by n) $$;
comment on function app_last_versions is 'As app_last_version, of many keys, in their order.';
