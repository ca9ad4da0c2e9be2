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
-- It gives customer_id, persona (persona-1, persona-2, persona-3, one-order, no-order and unassigned), its
--   probability, and p_ for each group of the model, which is NULL where a rule decided.
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
  -3.0325539971941478 + (
    "z_recency_days" * 0.03417258314118768
  ) + (
    "z_orders" * 0.127014870868615
  ) + (
    "z_average_order_value" * -2.0946502330235757
  ) + (
    "z_discount_share" * 0.9094122977710832
  ) + (
    "z_coupon_share" * 0.689879317887696
  ) + (
    "z_monday_share" * -0.40823180088429856
  ) + (
    "z_weekend_share" * -0.3958167109858539
  ) + (
    "z_morning_share" * 0.2020969787439861
  ) + (
    "z_evening_share" * 0.4440455779293713
  ) + (
    "z_channel_web_share" * 0.10068807368032089
  ) + (
    "z_channel_app_share" * 0.7265150194245988
  ) + COALESCE(
    -0.8740679460190591 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.3339463968
        ), 2)
      ) / 1.8283355294
    ),
    0.0
  ) + COALESCE(
    -0.8479573619843105 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3102738536
        ), 2)
      ) / 1.7353078592
    ),
    0.0
  ) + COALESCE(
    -0.7540637864132799 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - -0.5457990877
        ), 2)
      ) / 1.438207702
    ),
    0.0
  ) + COALESCE(
    -0.934104002714003 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - -0.1161216689
        ), 2)
      ) / 2.061591216
    ),
    0.0
  ) + COALESCE(
    -0.7401758155955646 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - 0.7377105691
        ), 2)
      ) / 1.3988098184
    ),
    0.0
  ) + COALESCE(
    -0.7587961634588076 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - 0.6842015124
        ), 2)
      ) / 1.4518846064
    ),
    0.0
  ) + COALESCE(
    -0.8279854666175245 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - 0.4621787021
        ), 2)
      ) / 1.6673591832
    ),
    0.0
  ) + COALESCE(
    -0.8427191624562167 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 0.09660498637
        ), 2)
      ) / 1.7172229792
    ),
    0.0
  ) + COALESCE(
    -0.7960979622457892 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.6974289649
        ), 2)
      ) / 1.5643431738
    ),
    0.0
  ) + COALESCE(
    -0.8243985990342472 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.04780389664
        ), 2)
      ) / 1.6554407908
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3708747554407852
    WHEN "household" = 'couple'
    THEN -1.2045788412625615
    WHEN "household" = 'family with children'
    THEN -1.2715525814868411
    WHEN "household" = 'shared flat'
    THEN -1.796363845518264
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.5856045843240527
    WHEN "buys_for" = 'home'
    THEN -0.07834054311960248
    WHEN "buys_for" = 'work'
    THEN -34.538776394910684
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -1.4109152181847515
    WHEN "reasons: price" = 1.0
    THEN -0.279608010261269
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5568394744128862
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.8510116426810618
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.7690321468483396
    WHEN "reasons: quality" = 1.0
    THEN -0.6226167975964282
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.6282561636812984
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7625430565280092
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.31813721533993894
    WHEN "reasons: invoice" = 1.0
    THEN -1.3001275163138617
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.32047265816839604
    WHEN "reasons: smell" = 1.0
    THEN -1.293919021567385
    ELSE 0.0
  END AS "s_persona-1",
  -1.9089774073247525 + (
    "z_recency_days" * -0.0398787890471812
  ) + (
    "z_orders" * 0.026407930652829228
  ) + (
    "z_average_order_value" * -0.4817392314932945
  ) + (
    "z_discount_share" * -1.289517326671236
  ) + (
    "z_coupon_share" * -0.5574543810680803
  ) + (
    "z_monday_share" * -0.5132595965222119
  ) + (
    "z_weekend_share" * 0.5186392301807617
  ) + (
    "z_morning_share" * -0.4291963711062906
  ) + (
    "z_evening_share" * -0.06460512004835182
  ) + (
    "z_channel_web_share" * 0.07842209207861897
  ) + (
    "z_channel_app_share" * -0.4110735354545929
  ) + COALESCE(
    -0.7765732347659409 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - 0.6687157433
        ), 2)
      ) / 1.5044337532
    ),
    0.0
  ) + COALESCE(
    -0.7609484824536924 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - 0.7189841998
        ), 2)
      ) / 1.458147915
    ),
    0.0
  ) + COALESCE(
    -0.8165716343744671 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.3538215075
        ), 2)
      ) / 1.6297284126
    ),
    0.0
  ) + COALESCE(
    -0.9522337994279435 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.8035335067
        ), 2)
      ) / 2.137715452
    ),
    0.0
  ) + COALESCE(
    -0.7845403091603316 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.7058739397
        ), 2)
      ) / 1.5285976286
    ),
    0.0
  ) + COALESCE(
    -0.8269451262019647 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.213251031
        ), 2)
      ) / 1.6638935476
    ),
    0.0
  ) + COALESCE(
    -0.7731926412401602 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -1.070237648
        ), 2)
      ) / 1.4942963044
    ),
    0.0
  ) + COALESCE(
    -0.8854643916096788 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - -0.1923041208
        ), 2)
      ) / 1.8704871358
    ),
    0.0
  ) + COALESCE(
    -0.8416529723877416 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - -0.8606423391
        ), 2)
      ) / 1.7135651084
    ),
    0.0
  ) + COALESCE(
    -0.7092018469800035 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - 0.5159328566
        ), 2)
      ) / 1.3147858598
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.3786306906036472
    WHEN "household" = 'couple'
    THEN -1.4394853931782903
    WHEN "household" = 'family with children'
    THEN -1.4338687359008508
    WHEN "household" = 'shared flat'
    THEN -1.2995952610169461
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -2.2038479510289535
    WHEN "buys_for" = 'home'
    THEN -0.13538333727304383
    WHEN "buys_for" = 'work'
    THEN -4.120195466122926
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7742368827076275
    WHEN "reasons: price" = 1.0
    THEN -0.6181426562292623
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -1.3607594617916319
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.29634068615620673
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8461005302064855
    WHEN "reasons: quality" = 1.0
    THEN -0.5605147273103789
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -0.628676574666062
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.7620624402730541
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.31201826542050615
    WHEN "reasons: invoice" = 1.0
    THEN -1.3166494935885615
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.2505457272643943
    WHEN "reasons: smell" = 1.0
    THEN -1.506772513242122
    ELSE 0.0
  END AS "s_persona-2",
  -5.158402106990163 + (
    "z_recency_days" * -0.053161385624480625
  ) + (
    "z_orders" * -0.26469797659193106
  ) + (
    "z_average_order_value" * 3.4814960838207454
  ) + (
    "z_discount_share" * -0.6272827692859236
  ) + (
    "z_coupon_share" * 0.37815165842962456
  ) + (
    "z_monday_share" * 1.1545200125764858
  ) + (
    "z_weekend_share" * -0.11534918816184236
  ) + (
    "z_morning_share" * 0.24630373788800153
  ) + (
    "z_evening_share" * -0.7996980204601064
  ) + (
    "z_channel_web_share" * 0.5563110939307143
  ) + (
    "z_channel_app_share" * -0.10305902174109256
  ) + COALESCE(
    -0.8762042972646146 - (
      (
        POWER((
          (
            "origin" - "rating_level"
          ) - -0.1148319803
        ), 2)
      ) / 1.836164176
    ),
    0.0
  ) + COALESCE(
    -0.7428051167288185 - (
      (
        POWER((
          (
            "ingredients" - "rating_level"
          ) - -0.3770338645
        ), 2)
      ) / 1.4061849774
    ),
    0.0
  ) + COALESCE(
    -0.8223873657693798 - (
      (
        POWER((
          (
            "pay_more" - "rating_level"
          ) - 0.02822482145
        ), 2)
      ) / 1.6487952104
    ),
    0.0
  ) + COALESCE(
    -1.1418890754311675 - (
      (
        POWER((
          (
            "packaging" - "rating_level"
          ) - 0.08792683226
        ), 2)
      ) / 3.123793926
    ),
    0.0
  ) + COALESCE(
    -0.7291869023903246 - (
      (
        POWER((
          (
            "wait_sale" - "rating_level"
          ) - -0.5208756481
        ), 2)
      ) / 1.3684023876
    ),
    0.0
  ) + COALESCE(
    -0.7902919386087914 - (
      (
        POWER((
          (
            "compare" - "rating_level"
          ) - -0.004097342182
        ), 2)
      ) / 1.5462830076
    ),
    0.0
  ) + COALESCE(
    -0.9594857940585628 - (
      (
        POWER((
          (
            "coupon_first" - "rating_level"
          ) - -0.6422571351
        ), 2)
      ) / 2.168946796
    ),
    0.0
  ) + COALESCE(
    -0.6007437260470092 - (
      (
        POWER((
          (
            "little_time" - "rating_level"
          ) - 1.007203736
        ), 2)
      ) / 1.0583991876
    ),
    0.0
  ) + COALESCE(
    -0.6326153704875911 - (
      (
        POWER((
          (
            "fixed_day" - "rating_level"
          ) - 0.6320103213
        ), 2)
      ) / 1.1280617056
    ),
    0.0
  ) + COALESCE(
    -0.8409584846283907 - (
      (
        POWER((
          (
            "doubt_labels" - "rating_level"
          ) - -0.08857975098
        ), 2)
      ) / 1.7111866606
    ),
    0.0
  ) + CASE
    WHEN "household" = 'alone'
    THEN -1.5546137319928774
    WHEN "household" = 'couple'
    THEN -1.0790960385504307
    WHEN "household" = 'family with children'
    THEN -1.574952816270294
    WHEN "household" = 'shared flat'
    THEN -1.4196068729343088
    ELSE 0.0
  END + CASE
    WHEN "buys_for" = 'both'
    THEN -1.2989764993348576
    WHEN "buys_for" = 'home'
    THEN -1.442486720564216
    WHEN "buys_for" = 'work'
    THEN -0.7116170835198553
    ELSE 0.0
  END + CASE
    WHEN "reasons: price" = 0.0
    THEN -0.7084033860957405
    WHEN "reasons: price" = 1.0
    THEN -0.6781202335954399
    ELSE 0.0
  END + CASE
    WHEN "reasons: less harm to nature" = 0.0
    THEN -0.5961258902677944
    WHEN "reasons: less harm to nature" = 1.0
    THEN -0.800603037468358
    ELSE 0.0
  END + CASE
    WHEN "reasons: quality" = 0.0
    THEN -0.8150211437613306
    WHEN "reasons: quality" = 1.0
    THEN -0.5845259300011151
    ELSE 0.0
  END + CASE
    WHEN "reasons: fast delivery" = 0.0
    THEN -1.1769565215169895
    WHEN "reasons: fast delivery" = 1.0
    THEN -0.368480584807065
    ELSE 0.0
  END + CASE
    WHEN "reasons: invoice" = 0.0
    THEN -0.7389425212732434
    WHEN "reasons: invoice" = 1.0
    THEN -0.6493575366543474
    ELSE 0.0
  END + CASE
    WHEN "reasons: smell" = 0.0
    THEN -0.28030471989324685
    WHEN "reasons: smell" = 1.0
    THEN -1.4087587023718349
    ELSE 0.0
  END AS "s_persona-3"
FROM "units"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
  ) AS "e_persona-1",
  EXP(
    "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
  ) AS "e_persona-2",
  EXP(
    "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
  ) AS "e_persona-3"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-3"
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
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3"
FROM "posterior"
)
SELECT * FROM placed;
