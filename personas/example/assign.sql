-- Places customers into the groups of a study by its frozen model, as `personas assign` does. It reads a table
--   customers with one row per customer and these columns:
-- Numbers, as the study's customer features define them (shares from 0 to 1): "orders", "recency_days",
--   "average_order_value", "discount_share", "lines", "coupon_share", "monday_share", "saturday_share",
--   "sunday_share", "morning_share", "evening_share", "channel_web_share", "channel_app_share".
-- Answers on a scale, counted from 0: "origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare",
--   "coupon_first", "little_time", "fixed_day", "doubt_labels".
-- Ticked 1 or not ticked 0: "reasons: price", "reasons: less harm to nature", "reasons: quality", "reasons: fast
--   delivery", "reasons: invoice", "reasons: smell".
-- Answers as text: "household", "buys_for".
-- NULL means not known. A missing number of behaviour takes the median of the study, a question that was not
--   answered adds nothing, and without orders (NULL or 0) the model does not place anybody.
-- It gives customer_id, persona (persona-1, persona-2, persona-3, persona-4, one-order, no-order and
--   unassigned), its probability, and p_ for each group of the model, which is NULL where a rule decided.
WITH units AS (
SELECT
  "customer_id",
  "origin",
  "ingredients",
  "pay_more",
  "packaging",
  "wait_sale",
  "compare",
  "coupon_first",
  "little_time",
  "fixed_day",
  "doubt_labels",
  "household",
  "buys_for",
  "reasons: price",
  "reasons: less harm to nature",
  "reasons: quality",
  "reasons: fast delivery",
  "reasons: invoice",
  "reasons: smell",
  (
    LN(
      GREATEST(
        LEAST(COALESCE("recency_days", 24.99999999944147), 206.36943837856785),
        1.0000000000801095
      ) + 1
    ) - 3.232648742
  ) / 1.238095783 AS "z_recency_days",
  (
    LN(
      GREATEST(
        LEAST(COALESCE("orders", 7.000000002561313), 24.365436737856722),
        2.000000000995671
      ) + 1
    ) - 2.040167148
  ) / 0.5441689923 AS "z_orders",
  (
    LN(
      GREATEST(
        LEAST(COALESCE("average_order_value", 31.391923369369017), 134.48444721082163),
        7.833259943442284
      ) + 1
    ) - 3.555411871
  ) / 0.6679847088 AS "z_average_order_value",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "discount_share" * "lines"
              ) + 1.351836681
            ) / (
              (
                "lines" - (
                  "discount_share" * "lines"
                )
              ) + 1.444948446
            )
          ),
          -0.05363322493
        ),
        2.709999291
      ),
      -2.01894981
    ) - 0.1361090825
  ) / 1.185203948 AS "z_discount_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "coupon_share" * "orders"
              ) + 0.526813912
            ) / (
              (
                "orders" - (
                  "coupon_share" * "orders"
                )
              ) + 1.047157582
            )
          ),
          -0.9748316494
        ),
        2.115689368
      ),
      -3.497983126
    ) - -0.9713839625
  ) / 1.456962077 AS "z_coupon_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "monday_share" * "orders"
              ) + 1.006807402
            ) / (
              (
                "orders" - (
                  "monday_share" * "orders"
                )
              ) + 3.239053739
            )
          ),
          -1.412340398
        ),
        0.472437075
      ),
      -2.950157926
    ) - -1.334638537
  ) / 0.823914151 AS "z_monday_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                (
                  "saturday_share" + "sunday_share"
                ) * "orders"
              ) + 1.60021198
            ) / (
              (
                "orders" - (
                  (
                    "saturday_share" + "sunday_share"
                  ) * "orders"
                )
              ) + 4.563271164
            )
          ),
          -1.166841069
        ),
        0.2857238137
      ),
      -2.50351778
    ) - -1.141895452
  ) / 0.629387205 AS "z_weekend_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "morning_share" * "orders"
              ) + 1.460951596
            ) / (
              (
                "orders" - (
                  "morning_share" * "orders"
                )
              ) + 2.605605632
            )
          ),
          -0.7447052738
        ),
        1.148720759
      ),
      -2.231393885
    ) - -0.6658602907
  ) / 0.7749872767 AS "z_morning_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "evening_share" * "orders"
              ) + 1.380131059
            ) / (
              (
                "orders" - (
                  "evening_share" * "orders"
                )
              ) + 3.129565479
            )
          ),
          -0.8921538598
        ),
        0.7029689904
      ),
      -2.539620583
    ) - -0.9268712811
  ) / 0.7602722103 AS "z_evening_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "channel_web_share" * "orders"
              ) + 2.082713125
            ) / (
              (
                "orders" - (
                  "channel_web_share" * "orders"
                )
              ) + 1.347288679
            )
          ),
          0.4691588246
        ),
        2.346853839
      ),
      -1.388265346
    ) - 0.5058335826
  ) / 0.8771954398 AS "z_channel_web_share",
  (
    GREATEST(
      LEAST(
        COALESCE(
          LN(
            (
              (
                "channel_app_share" * "orders"
              ) + 1.03912705
            ) / (
              (
                "orders" - (
                  "channel_app_share" * "orders"
                )
              ) + 2.209330998
            )
          ),
          -0.927273514
        ),
        1.035500101
      ),
      -2.747206079
    ) - -0.8962406919
  ) / 0.9304639576 AS "z_channel_app_share",
  CASE
    WHEN (
      (
        CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
      ) * 2
    ) >= 10
    THEN (
      COALESCE("origin", 0.0) + COALESCE("ingredients", 0.0) + COALESCE("pay_more", 0.0) + COALESCE("packaging", 0.0) + COALESCE("wait_sale", 0.0) + COALESCE("compare", 0.0) + COALESCE("coupon_first", 0.0) + COALESCE("little_time", 0.0) + COALESCE("fixed_day", 0.0) + COALESCE("doubt_labels", 0.0)
    ) / (
      CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
    )
    ELSE NULL
  END AS "rating_level",
  CASE
    WHEN COALESCE("orders", 0.0) = 0
    THEN 'no-order'
    WHEN "orders" <= 1
    THEN 'one-order'
    WHEN NOT (
      COALESCE(
        "household" IN ('alone', 'couple', 'family with children', 'shared flat'),
        FALSE
      )
      OR COALESCE("buys_for" IN ('both', 'home', 'work'), FALSE)
      OR COALESCE("reasons: price" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: less harm to nature" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: quality" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: fast delivery" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: invoice" IN (0.0, 1.0), FALSE)
      OR COALESCE("reasons: smell" IN (0.0, 1.0), FALSE)
      OR (
        (
          (
            CAST("origin" IS NOT NULL AS BIGINT) + CAST("ingredients" IS NOT NULL AS BIGINT) + CAST("pay_more" IS NOT NULL AS BIGINT) + CAST("packaging" IS NOT NULL AS BIGINT) + CAST("wait_sale" IS NOT NULL AS BIGINT) + CAST("compare" IS NOT NULL AS BIGINT) + CAST("coupon_first" IS NOT NULL AS BIGINT) + CAST("little_time" IS NOT NULL AS BIGINT) + CAST("fixed_day" IS NOT NULL AS BIGINT) + CAST("doubt_labels" IS NOT NULL AS BIGINT)
          ) * 2
        ) >= 10
      )
      OR (
        "recency_days" IS NOT NULL
      )
      OR (
        "orders" IS NOT NULL
      )
      OR (
        "average_order_value" IS NOT NULL
      )
      OR (
        "discount_share" IS NOT NULL
      )
      OR (
        "coupon_share" IS NOT NULL
      )
      OR (
        "monday_share" IS NOT NULL
      )
      OR (
        (
          "saturday_share" + "sunday_share"
        ) IS NOT NULL
      )
      OR (
        "morning_share" IS NOT NULL
      )
      OR (
        "evening_share" IS NOT NULL
      )
      OR (
        "channel_web_share" IS NOT NULL
      )
      OR (
        "channel_app_share" IS NOT NULL
      )
    )
    THEN 'unassigned'
    ELSE NULL
  END AS "by_rule"
FROM "customers"
), scores AS (
SELECT
  "customer_id",
  "by_rule",
  -3.106528776346089 + (
    "z_recency_days" * -0.018885821240311663
  ) + (
    "z_orders" * 0.051561364810914556
  ) + (
    "z_average_order_value" * -2.034214580490153
  ) + (
    "z_discount_share" * 0.9204621501236128
  ) + (
    "z_coupon_share" * 0.7009848654757415
  ) + (
    "z_monday_share" * -0.45783923294916895
  ) + (
    "z_weekend_share" * -0.42044409916093234
  ) + (
    "z_morning_share" * 0.35875301235130547
  ) + (
    "z_evening_share" * 0.38704614261006687
  ) + (
    "z_channel_web_share" * 1.735087191801233
  ) + (
    "z_channel_app_share" * 2.387469862510206
  ) + COALESCE(
    -0.8799002208345796 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.3298970826
        ), 2)
      ) / 1.8497871082
    ),
    0.0
  ) + COALESCE(
    -0.8440807889072997 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3149307533
        ), 2)
      ) / 1.721905785
    ),
    0.0
  ) + COALESCE(
    -0.7568273624464043 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - -0.5503375253
        ), 2)
      ) / 1.4461789034
    ),
    0.0
  ) + COALESCE(
    -0.9359634552779108 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - -0.1098338189
        ), 2)
      ) / 2.069272352
    ),
    0.0
  ) + COALESCE(
    -0.741386862570818 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - 0.7392293355
        ), 2)
      ) / 1.4022019736
    ),
    0.0
  ) + COALESCE(
    -0.7536723408538196 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - 0.6723279672
        ), 2)
      ) / 1.4370821826
    ),
    0.0
  ) + COALESCE(
    -0.8318656811103895 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - 0.4526731389
        ), 2)
      ) / 1.6803489436
    ),
    0.0
  ) + COALESCE(
    -0.8423358325827389 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 0.1106870776
        ), 2)
      ) / 1.715906958
    ),
    0.0
  ) + COALESCE(
    -0.8043612060305914 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.7015713854
        ), 2)
      ) / 1.590411084
    ),
    0.0
  ) + COALESCE(
    -0.8219187654636539 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.05800216639
        ), 2)
      ) / 1.6472506824
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3862915011239805
    WHEN "household" = 'couple'
    THEN -1.1847364690421616
    WHEN "household" = 'family with children'
    THEN -1.2827384729832352
    WHEN "household" = 'shared flat'
    THEN -1.7903869507625985
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.576286374158164
    WHEN "buys_for" = 'home'
    THEN -0.07910373244045808
    WHEN "buys_for" = 'work'
    THEN -34.538776394910684
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -1.4388722385468433
    WHEN "reasons: price" = 1.0
    THEN -0.270752991275394
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5646571896477713
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8406152850474136
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.7746564742451989
    WHEN "reasons: quality" = 1.0
    THEN -0.6177838443341047
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6173095405730304
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7752116225617485
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.324402597287591
    WHEN "reasons: invoice" = 1.0
    THEN -1.283590211119381
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.3148345593537159
    WHEN "reasons: smell" = 1.0
    THEN -1.308998638958668
    ELSE 0.0
  END AS "s_persona-1",
  -5.3744478912616085 + (
    "z_recency_days" * 0.06749778060631104
  ) + (
    "z_orders" * -0.24416284313038134
  ) + (
    "z_average_order_value" * 3.275129584358724
  ) + (
    "z_discount_share" * -0.5661534287286726
  ) + (
    "z_coupon_share" * 0.20307106445223125
  ) + (
    "z_monday_share" * 1.257087803560643
  ) + (
    "z_weekend_share" * -0.01790602939960398
  ) + (
    "z_morning_share" * 0.14073660357299694
  ) + (
    "z_evening_share" * -0.7842319862761219
  ) + (
    "z_channel_web_share" * 2.504033209624091
  ) + (
    "z_channel_app_share" * 1.9275146317539371
  ) + COALESCE(
    -0.8973634092526377 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.1128544101
        ), 2)
      ) / 1.9155349534
    ),
    0.0
  ) + COALESCE(
    -0.7400891807316209 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3835015949
        ), 2)
      ) / 1.398567468
    ),
    0.0
  ) + COALESCE(
    -0.8240516759677676 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.03332097044
        ), 2)
      ) / 1.654292568
    ),
    0.0
  ) + COALESCE(
    -1.1487263948968103 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.0491591287
        ), 2)
      ) / 3.166804084
    ),
    0.0
  ) + COALESCE(
    -0.7335654426672955 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.5272423456
        ), 2)
      ) / 1.38043822
    ),
    0.0
  ) + COALESCE(
    -0.775114511422621 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.01881072027
        ), 2)
      ) / 1.5000510442
    ),
    0.0
  ) + COALESCE(
    -0.9637641851949942 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -0.5943154815
        ), 2)
      ) / 2.187585632
    ),
    0.0
  ) + COALESCE(
    -0.6141450673956879 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 1.033608314
        ), 2)
      ) / 1.087150713
    ),
    0.0
  ) + COALESCE(
    -0.6599274160249614 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - 0.6326371481
        ), 2)
      ) / 1.1913950676
    ),
    0.0
  ) + COALESCE(
    -0.8470921489424649 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - -0.1012544841
        ), 2)
      ) / 1.7323076338
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.5232932832535186
    WHEN "household" = 'couple'
    THEN -1.0692404456499245
    WHEN "household" = 'family with children'
    THEN -1.671299027424485
    WHEN "household" = 'shared flat'
    THEN -1.3833571896343129
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.3307909966077
    WHEN "buys_for" = 'home'
    THEN -1.5403675716146419
    WHEN "buys_for" = 'work'
    THEN -0.6511811218188068
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7098442778780112
    WHEN "reasons: price" = 1.0
    THEN -0.6767243038782603
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5826347040131643
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8174077188374713
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8177011476992206
    WHEN "reasons: quality" = 1.0
    THEN -0.5824027359927968
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -1.1422944799667096
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.3843193313294734
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.7404603860200648
    WHEN "reasons: invoice" = 1.0
    THEN -0.6479717502476126
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.3018867864700816
    WHEN "reasons: smell" = 1.0
    THEN -1.3448521661317117
    ELSE 0.0
  END AS "s_persona-2",
  -2.453341841481283 + (
    "z_recency_days" * -0.07802805014119074
  ) + (
    "z_orders" * -0.08490698932471226
  ) + (
    "z_average_order_value" * -0.5983244994724185
  ) + (
    "z_discount_share" * -1.1294442311542232
  ) + (
    "z_coupon_share" * -0.8390123300898646
  ) + (
    "z_monday_share" * -0.5947851262204246
  ) + (
    "z_weekend_share" * 0.5520427481244223
  ) + (
    "z_morning_share" * -0.447967798897973
  ) + (
    "z_evening_share" * -0.16376316728850845
  ) + (
    "z_channel_web_share" * 3.103034451615283
  ) + (
    "z_channel_app_share" * 2.5895302506667655
  ) + COALESCE(
    -0.8144550138386725 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - 0.6350060821
        ), 2)
      ) / 1.6228439614
    ),
    0.0
  ) + COALESCE(
    -0.794509746365429 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - 0.7153770859
        ), 2)
      ) / 1.559382028
    ),
    0.0
  ) + COALESCE(
    -0.7706310679250339 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.4753997199
        ), 2)
      ) / 1.486660382
    ),
    0.0
  ) + COALESCE(
    -0.9563859111980246 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.7825231328
        ), 2)
      ) / 2.155541432
    ),
    0.0
  ) + COALESCE(
    -0.7638431032754422 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.7154947322
        ), 2)
      ) / 1.466613968
    ),
    0.0
  ) + COALESCE(
    -0.8195892569305013 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.2277128326
        ), 2)
      ) / 1.6395939636
    ),
    0.0
  ) + COALESCE(
    -0.7238182920695402 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -1.07574787
        ), 2)
      ) / 1.3537881478
    ),
    0.0
  ) + COALESCE(
    -0.881714188686032 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - -0.262400925
        ), 2)
      ) / 1.856510205
    ),
    0.0
  ) + COALESCE(
    -0.8165578928776854 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.8244126215
        ), 2)
      ) / 1.6296836234
    ),
    0.0
  ) + COALESCE(
    -0.7207325912590301 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.5195928064
        ), 2)
      ) / 1.3454591048
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.2706119113055212
    WHEN "household" = 'couple'
    THEN -1.3633192100347622
    WHEN "household" = 'family with children'
    THEN -1.4756081961874947
    WHEN "household" = 'shared flat'
    THEN -1.4486368338977513
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.2322535507267824
    WHEN "buys_for" = 'home'
    THEN -0.1295305753777336
    WHEN "buys_for" = 'work'
    THEN -4.254098576446926
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7836788236583879
    WHEN "reasons: price" = 1.0
    THEN -0.610135434875876
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.314038470009919
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.31297607695869206
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.798805919348536
    WHEN "reasons: quality" = 1.0
    THEN -0.5975930661464502
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6276161978877892
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7632755012111039
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.3018749295727771
    WHEN "reasons: invoice" = 1.0
    THEN -1.344885812256273
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.21780655494923323
    WHEN "reasons: smell" = 1.0
    THEN -1.6310753770952944
    ELSE 0.0
  END AS "s_persona-3",
  -12.312590238502699 + (
    "z_recency_days" * -0.02035691089032978
  ) + (
    "z_orders" * 0.4200725333898215
  ) + (
    "z_average_order_value" * 0.6733319999558841
  ) + (
    "z_discount_share" * -1.6946735072794583
  ) + (
    "z_coupon_share" * 0.516230478332008
  ) + (
    "z_monday_share" * -0.08401048277942795
  ) + (
    "z_weekend_share" * 0.23380390019910444
  ) + (
    "z_morning_share" * -0.5674842577206156
  ) + (
    "z_evening_share" * 0.17430825141230066
  ) + (
    "z_channel_web_share" * -15.367903717001662
  ) + (
    "z_channel_app_share" * -16.08179148667793
  ) + COALESCE(
    -0.6832725050374658 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - 0.6286266687
        ), 2)
      ) / 1.2483405686
    ),
    0.0
  ) + COALESCE(
    -0.7406246156090608 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - 0.6077823808
        ), 2)
      ) / 1.4000659538
    ),
    0.0
  ) + COALESCE(
    -0.8053118247026086 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - -0.04581642525
        ), 2)
      ) / 1.5934377092
    ),
    0.0
  ) + COALESCE(
    -0.9537669744294407 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.8095942896
        ), 2)
      ) / 2.144280496
    ),
    0.0
  ) + COALESCE(
    -0.8043911211117751 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.6549033007
        ), 2)
      ) / 1.5905062414
    ),
    0.0
  ) + COALESCE(
    -0.9074080849953862 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.08257015487
        ), 2)
      ) / 1.9544059476
    ),
    0.0
  ) + COALESCE(
    -0.9034400159236763 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -1.067589307
        ), 2)
      ) / 1.938956896
    ),
    0.0
  ) + COALESCE(
    -0.8366285945562908 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 0.105013933
        ), 2)
      ) / 1.696432138
    ),
    0.0
  ) + COALESCE(
    -0.9955971728130988 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.7052985616
        ), 2)
      ) / 2.331389542
    ),
    0.0
  ) + COALESCE(
    -0.7257979218874684 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.4055573918
        ), 2)
      ) / 1.3591587714
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.8125695770983963
    WHEN "household" = 'couple'
    THEN -1.734708490025667
    WHEN "household" = 'family with children'
    THEN -1.1818309488188183
    WHEN "household" = 'shared flat'
    THEN -1.0395958107987573
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.827683729130486
    WHEN "buys_for" = 'home'
    THEN -0.2236745889147208
    WHEN "buys_for" = 'work'
    THEN -3.227937820502962
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.6890823205089532
    WHEN "reasons: price" = 1.0
    THEN -0.6972286311593661
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.3281827336657577
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.3078280791999372
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.9596589689662471
    WHEN "reasons: quality" = 1.0
    THEN -0.48292432160353926
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.7842084122427055
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.6096904368835794
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.3794556082141382
    WHEN "reasons: invoice" = 1.0
    THEN -1.1527532098041537
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.32448012500789686
    WHEN "reasons: smell" = 1.0
    THEN -1.2833879249734141
    ELSE 0.0
  END AS "s_persona-4"
FROM "units"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3", "s_persona-4")
  ) AS "e_persona-1",
  EXP(
    "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3", "s_persona-4")
  ) AS "e_persona-2",
  EXP(
    "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3", "s_persona-4")
  ) AS "e_persona-3",
  EXP(
    "s_persona-4" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3", "s_persona-4")
  ) AS "e_persona-4"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3" + "e_persona-4"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3" + "e_persona-4"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3" + "e_persona-4"
    )
    ELSE NULL
  END AS "p_persona-3",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-4" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3" + "e_persona-4"
    )
    ELSE NULL
  END AS "p_persona-4"
FROM "likelihoods"
), placed AS (
SELECT
  "customer_id",
  COALESCE(
    "by_rule",
    CASE
      WHEN "p_persona-1" >= 0.8
      THEN 'persona-1'
      WHEN "p_persona-2" >= 0.8
      THEN 'persona-2'
      WHEN "p_persona-3" >= 0.8
      THEN 'persona-3'
      WHEN "p_persona-4" >= 0.8
      THEN 'persona-4'
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3", "p_persona-4")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3",
  "p_persona-4"
FROM "posterior"
)
SELECT * FROM placed;
