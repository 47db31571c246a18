import { useInfiniteQuery } from '@tanstack/react-query';
import { useT } from '../i18n/scan.ts';
import { Card, More, Page, PageProblem, PageSkeleton } from './parts.tsx';
import { blocksQuery } from './queries.ts';
import { BlockRow } from './rows.tsx';

/** All blocks, page by page. */
export default function Blocks() {
  const t = useT();
  const query = useInfiniteQuery(blocksQuery);
  if (query.data === undefined)
    return query.error === null ? (
      <PageSkeleton />
    ) : (
      <PageProblem error={query.error} onRetry={() => void query.refetch()} />
    );
  const blocks = query.data.pages.flatMap((page) => page.items);
  return (
    <Page title={t('lists.blocks')} icon="block" subtitle={t('lists.blocksText')}>
      <Card title={t('lists.blocks')}>
        {blocks.length === 0 && <p className="muted scan-none">{t('lists.none')}</p>}
        <ul className="scan-list">
          {blocks.map((block) => (
            <li key={block.hash}>
              <BlockRow block={block} />
            </li>
          ))}
        </ul>
        <More query={query} />
      </Card>
    </Page>
  );
}
