-- +goose Up

-- What was sold before wallets' agreements were kept takes of them what its discounts say. Where a
-- wallet has agreed to nothing since, it gives just that, and no more.
insert into promo_pledge (issuer_no, merchant_no, issuer_id, merchant_id, acquirer_no, share_ppm,
	budget_minor, taken_minor, from_us, until_us, version)
select cast(f.value ->> 'issuer_no' as bigint), o.merchant_no, min(o.issuer_id),
	min(o.merchant_id), min(o.acquirer_no), 1000000,
	cast(sum(cast(f.value ->> 'minor' as bigint)) as bigint),
	cast(sum(cast(f.value ->> 'minor' as bigint)) as bigint), 0, 0, 1
from visit_order_line l
	join visit_order o on o.id = l.order_id
	cross join lateral jsonb_array_elements(cast(
		case when l.funding = '' then '[]' else l.funding end as jsonb)) f
where l.state in ('held', 'sold', 'used') and f.value ->> 'kind' = 'wallet'
group by cast(f.value ->> 'issuer_no' as bigint), o.merchant_no
on conflict (issuer_no, merchant_no) do update set taken_minor = excluded.taken_minor;
